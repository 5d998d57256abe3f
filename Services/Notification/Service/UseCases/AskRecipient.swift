import NotificationDomain
import Observability
import PaymentModel
import ServiceRuntime

/// Whom a message is for, as the owner of what it is about knows it.
struct Recipient: Decodable, Sendable {
    let firstName: String
    let lastName: String
    let phone: Phone?
    let email: EmailAddress?
    let language: Language
    let clinicName: String
    /// Of a payment; of a debt what is due now; of money that was recorded what was received.
    let amount: Money
    /// Of a payment: its state.
    let state: String?
    /// Of a payment: whether its client has agreed, though its state may not say so yet.
    let isAgreed: Bool?
    /// Of a payment: whether it is being called off, though its state may not say so yet.
    let isCancelling: Bool?
    /// Of a payment.
    let payLink: String?
    /// Of a payment.
    let schedule: [ScheduledInstalment]?
    /// Of a payment: what of the schedule is not paid.
    let debits: [ScheduledInstalment]?
    /// Of an invoice.
    let number: String?
    /// Of what is owed without an invoice: what it is for.
    let label: String?
    let dueOn: LocalDate?
    /// Of an invoice: whether it bills a part of a quote before the rest.
    let isDeposit: Bool?
    /// Of a debt: what the organisation says at the level of dunning that was asked about.
    let dunningText: String?
    /// From how many days after the due date on that is said.
    let dunningDaysLate: Int?
    /// Of a debt, where a level was asked about: whether nobody asks its client by now.
    let isDunningPaused: Bool?
    /// Of money that was recorded.
    let receivedOn: LocalDate?

    /// Levels may have changed since the one asked about was reached: nobody hears a later one's words too early.
    func words(afterDays days: Int?) -> String? {
        guard let days, let dunningDaysLate else { return dunningText }
        return days >= dunningDaysLate ? dunningText : nil
    }

    /// A number as the directory reads it, however its owner has it: a reply with STOP is told from whom by that.
    func address(for channel: Channel) -> String? {
        switch channel {
        case .sms: phone.map { WrittenNumbers().read($0.e164) ?? $0 }?.e164
        case .email: email?.text
        }
    }
}

/// Who is asked for the recipients of messages that are about a payment, and of all others.
enum RecipientOwner: Sendable {
    case payments, invoicing
}

/// What a message needs that only the owner of what it is about knows.
struct Particulars: Sendable {
    let recipient: Recipient
    /// The digits of a message that brings some.
    var code: Secret?
}

/// Asks payment-orchestrator or invoicing for a recipient.
struct AskRecipient {
    let payments: GuardedOwner
    let invoicing: GuardedOwner

    /// Who is left alone just now.
    var resting: Set<RecipientOwner> {
        var resting: Set<RecipientOwner> = []
        if payments.isResting { resting.insert(.payments) }
        if invoicing.isResting { resting.insert(.invoicing) }
        return resting
    }

    /// `level` is that of a reminder of what is late.
    func run(
        about matter: Matter, at level: Int? = nil, in organisation: OrganisationID
    ) async throws(OwnerUnavailable) -> Particulars {
        switch matter {
        case .payment(let id):
            return Particulars(recipient: try await payments.read("/v1/payments/\(id)/recipient", in: organisation))
        case .invoice(let id):
            let path = "/v1/invoices/\(id)/recipient\(query(level))"
            return Particulars(recipient: try await invoicing.read(path, in: organisation))
        case .receivable(let id):
            let path = "/v1/receivables/\(id)/recipient\(query(level))"
            return Particulars(recipient: try await invoicing.read(path, in: organisation))
        case .paymentOnAccount(let id):
            return Particulars(
                recipient: try await invoicing.read("/v1/payments-on-account/\(id)/recipient", in: organisation))
        case .campaign:
            // Its messages are written from the directory, at once.
            throw OwnerUnavailable(reason: "a campaign has no owner to ask", isFinal: true)
        }
    }

    private func query(_ level: Int?) -> String { level.map { "?level=\($0)" } ?? "" }

    /// With the digits of a code; a code that is good no longer has none.
    func run(
        about payment: PaymentID, bringing code: VerificationID, in organisation: OrganisationID
    ) async throws(OwnerUnavailable) -> Particulars {
        struct Answer: Decodable {
            let recipient: Recipient
            let code: String
        }
        let answer: Answer = try await payments.read("/v1/payments/\(payment)/codes/\(code)", in: organisation)
        return Particulars(recipient: answer.recipient, code: Secret(answer.code))
    }
}
