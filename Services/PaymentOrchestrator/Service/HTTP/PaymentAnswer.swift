import PaymentModel
import PaymentOrchestratorDomain

/// A payment as staff see it.
struct PaymentAnswer: Encodable, Sendable {
    struct Client: Encodable, Sendable {
        let firstName: String
        let lastName: String
        let phone: String
        let email: String
    }

    struct RefundPart: Encodable, Sendable {
        let id: RefundID
        let amount: Money
        let state: String
        let orderedAt: Instant
    }

    struct AttemptPart: Encodable, Sendable {
        let id: AttemptID
        let state: String
        let providerReference: String?
        let startedAt: Instant
    }

    /// The code sent to the client's phone.
    struct CodePart: Encodable, Sendable {
        let expiresAt: Instant
        let triesLeft: Int
    }

    struct InstalmentPart: Encodable, Sendable {
        let dueOn: LocalDate
        let amount: Money
        let customerFee: Money
        let state: InstalmentProgress.State
        let paidOn: LocalDate?

        init(_ instalment: InstalmentProgress) {
            (dueOn, amount, customerFee) = (instalment.dueOn, instalment.amount, instalment.customerFee)
            (state, paidOn) = (instalment.state, instalment.paidOn)
        }
    }

    struct DisputePart: Encodable, Sendable {
        let providerReference: String
        let amount: Money
        let reason: String
        let state: Dispute.State
        let chargedBack: Money?
        let respondBy: Instant?

        init(_ dispute: Dispute) {
            (providerReference, reason) = (dispute.reference, dispute.reason)
            amount = dispute.risenTo ?? dispute.amount
            (state, chargedBack, respondBy) = (dispute.state, dispute.chargedBack, dispute.respondBy)
        }
    }

    /// What a person has to decide about.
    struct AlarmPart: Encodable, Sendable {
        let kind: String
        let providerReference: String
        let asked: Money?
        let reported: Money?

        init(_ alarm: Alarm) {
            (kind, providerReference) = (alarm.kind, alarm.reference)
            switch alarm {
            case .amountDiffers(_, let asked, let reported), .refundDiffers(_, let asked, let reported):
                (self.asked, self.reported) = (asked, reported)
            case .paidTwice(_, let amount), .refundedElsewhere(_, let amount), .refundedTwice(_, let amount),
                .refundReturned(_, let amount), .refundArrived(_, let amount), .noLongerPaid(_, let amount),
                .disputeInOtherCurrency(_, let amount), .disputeWon(_, let amount), .refundMissing(_, let amount),
                .disputeLostAgain(_, let amount):
                (asked, reported) = (nil, amount)
            case .refundNoAnswer(_, let amount): (asked, reported) = (amount, nil)
            case .noAnswer: (asked, reported) = (nil, nil)
            }
        }
    }

    let id: PaymentID
    let clinicID: ClinicID
    let invoiceID: InvoiceID?
    let receivableID: ReceivableID?
    let clientID: ClientID
    /// Absent once the client was erased.
    let client: Client?
    let amount: Money
    let provider: Provider
    let plan: String
    let channel: PaymentChannel
    let confirmation: Confirmation
    let isConfirmed: Bool
    let code: CodePart?
    let feeOffered: Bool
    let title: String
    let state: String
    let cancellation: String?
    let refusal: String?
    let disposition: String?
    let schedule: [ScheduledInstalment]
    let instalments: [InstalmentPart]
    let fee: Money?
    let feeVAT: Money?
    let acceptedAt: Instant?
    let expectedPayoutOn: LocalDate?
    let refundable: Money
    let refunds: [RefundPart]
    let attempts: [AttemptPart]
    let disputes: [DisputePart]
    let alarms: [AlarmPart]
    /// The payment that gave way to this one (PAY-13).
    let insteadOf: PaymentID?
    let createdAt: Instant
    let expiresAt: Instant

    init(_ record: PaymentRecord) {
        let payment = record.payment
        let (terms, acceptance) = (payment.terms, payment.acceptance)
        (id, clinicID, clientID) = (terms.id, record.clinic, terms.client)
        (invoiceID, receivableID) = (terms.invoice, terms.receivable)
        client = record.client.map {
            Client(firstName: $0.firstName, lastName: $0.lastName, phone: $0.phone.e164, email: $0.email.text)
        }
        (amount, provider, plan, channel) = (terms.amount, terms.provider, terms.plan.code, terms.channel)
        (confirmation, isConfirmed) = (terms.confirmation, payment.isConfirmed)
        code = payment.verification.map { CodePart(expiresAt: $0.expiresAt, triesLeft: $0.triesLeft) }
        (feeOffered, title, state) = (terms.feeOffered, record.title, payment.state.rawValue)
        (cancellation, refusal) = (payment.cancellation?.rawValue, payment.refusal)
        disposition = acceptance?.disposition.rawValue
        instalments = (acceptance?.instalments ?? []).map(InstalmentPart.init)
        (schedule, fee, feeVAT) = (record.schedule, acceptance?.fee.net, acceptance?.fee.vat)
        (acceptedAt, expectedPayoutOn) = (acceptance?.at, acceptance?.expectedPayoutOn)
        refundable = payment.refundable
        refunds = payment.refunds.map {
            RefundPart(id: $0.id, amount: $0.amount, state: $0.state.rawValue, orderedAt: $0.orderedAt)
        }
        attempts = payment.attempts.map {
            AttemptPart(id: $0.id, state: $0.state.rawValue, providerReference: $0.reference, startedAt: $0.startedAt)
        }
        disputes = payment.disputes.map(DisputePart.init)
        alarms = payment.alarms.map(AlarmPart.init)
        insteadOf = record.insteadOf
        (createdAt, expiresAt) = (record.createdAt, terms.expiresAt)
    }
}
