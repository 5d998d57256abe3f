import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders

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

    let id: PaymentID
    let clinicID: ClinicID
    let invoiceID: InvoiceID?
    let clientID: ClientID
    let client: Client
    let amount: Money
    let provider: Provider
    let plan: String
    let channel: PaymentChannel
    let feeOffered: Bool
    let title: String
    let state: String
    let cancellation: String?
    let refusal: String?
    let disposition: String?
    let schedule: [ScheduledInstalment]
    let fee: Money?
    let feeVAT: Money?
    let acceptedAt: Instant?
    let expectedPayoutOn: LocalDate?
    let refundable: Money
    let refunds: [RefundPart]
    let attempts: [AttemptPart]
    let alarms: [String]
    let createdAt: Instant
    let expiresAt: Instant

    init(_ record: PaymentRecord) {
        let payment = record.payment
        let (terms, acceptance) = (payment.terms, payment.acceptance)
        (id, clinicID, invoiceID, clientID) = (terms.id, record.clinic, terms.invoice, terms.client)
        client = Client(
            firstName: record.client.firstName, lastName: record.client.lastName, phone: record.client.phone.e164,
            email: record.client.email.text)
        (amount, provider, plan, channel) = (terms.amount, terms.provider, terms.plan.code, terms.channel)
        (feeOffered, title, state) = (terms.feeOffered, record.title, payment.state.rawValue)
        (cancellation, refusal) = (payment.cancellation?.rawValue, payment.refusal)
        disposition = acceptance?.disposition.rawValue
        (schedule, fee, feeVAT) = (record.schedule, acceptance?.fee.net, acceptance?.fee.vat)
        (acceptedAt, expectedPayoutOn) = (acceptance?.at, acceptance?.expectedPayoutOn)
        refundable = payment.refundable
        refunds = payment.refunds.map {
            RefundPart(id: $0.id, amount: $0.amount, state: $0.state.rawValue, orderedAt: $0.orderedAt)
        }
        attempts = payment.attempts.map {
            AttemptPart(id: $0.id, state: $0.state.rawValue, providerReference: $0.reference, startedAt: $0.startedAt)
        }
        alarms = payment.alarms.map(\.kind)
        (createdAt, expiresAt) = (record.createdAt, terms.expiresAt)
    }
}

/// What just changed, for the waiting screen.
struct LiveAnswer: Encodable, Sendable, Hashable {
    let id: PaymentID
    let state: String
    /// `orange` until the provider decided, then `green` or `red`: nothing reads as paid before it is, PAY-7.
    let light: String
    let disposition: String?
    let version: Int64

    init(_ record: PaymentRecord) {
        id = record.id
        state = record.payment.state.rawValue
        disposition = record.payment.acceptance?.disposition.rawValue
        version = record.version
        switch record.payment.state {
        case .requested, .starting, .unknown, .open, .cancelling: light = "orange"
        case .accepted: light = "green"
        case .refused, .cancelled, .expired: light = "red"
        }
    }
}

/// One line of a payment's history.
struct HistoryAnswer: Encodable, Sendable {
    let happenedAt: Instant
    let actor: String
    let before: String?
    let after: String
    let facts: [String]

    init(_ line: HistoryLine) {
        (happenedAt, actor, facts) = (line.happenedAt, line.actor, line.facts)
        (before, after) = (line.before?.rawValue, line.after.rawValue)
    }
}

/// Whom a message about a payment goes to, and what it needs to say.
struct RecipientAnswer: Encodable, Sendable {
    let paymentID: PaymentID
    let clientID: ClientID
    let firstName: String
    let lastName: String
    let phone: String
    let email: String
    let language: Language
    let clinicName: String
    let amount: Money
    let plan: String
    let payLink: String
    let state: String
    let schedule: [ScheduledInstalment]
}

/// An account as staff see it: never with its key.
struct ProviderAccountAnswer: Encodable, Sendable {
    let id: ProviderAccountID
    let clinicID: ClinicID
    let provider: Provider
    let state: String
    let merchant: String
    let canCreatePayments: Bool
    let contractPlans: [String]
    let offeredPlans: [String]
    let payoutOffsetDays: Int
    let feeVATRate: Int
    let linkLifetimeHours: Int
    let connectedAt: Instant

    init(_ account: AccountRecord) {
        (id, clinicID, provider, connectedAt) = (account.id, account.clinic, account.provider, account.connectedAt)
        (state, merchant) = ("connected", account.contract.merchant)
        canCreatePayments = account.contract.canCreatePayments
        contractPlans = account.contract.plans.map(\.plan.code)
        offeredPlans = account.settings.offeredPlans.map(\.code)
        payoutOffsetDays = account.settings.payoutOffsetDays
        feeVATRate = account.settings.feeVATRate.value
        linkLifetimeHours = account.settings.linkLifetimeHours
    }
}

/// One plan and the provider's word on it.
struct PlanAnswer: Encodable, Sendable {
    let plan: String
    let eligible: Bool
    let reason: String?
    let schedule: [ScheduledInstalment]?
    let customerFee: Money?
    let clinicFee: Money?
    let clinicFeeVAT: Money?

    init(_ offer: PlanOffer) {
        plan = offer.plan.code
        switch offer.verdict {
        case .eligible(let schedule, let customerFee, let clinicFee):
            (eligible, reason) = (true, nil)
            (self.schedule, self.customerFee) = (schedule, customerFee)
            (self.clinicFee, clinicFeeVAT) = (clinicFee?.net, clinicFee?.vat)
        case .notEligible(let reason):
            (eligible, self.reason) = (false, Self.words(reason))
            (schedule, customerFee, clinicFee, clinicFeeVAT) = (nil, nil, nil, nil)
        }
    }

    static func words(_ reason: PlanOffer.Reason) -> String {
        switch reason {
        case .underMinimum(let minimum): "The smallest amount is \(minimum)."
        case .overMaximum(let maximum): "The largest amount is \(maximum)."
        case .notInContract: "It is not in the contract."
        case .notOfferedByClinic: "The clinic does not offer it."
        case .other(let words): words
        }
    }
}
