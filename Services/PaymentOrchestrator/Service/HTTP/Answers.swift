import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders

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
    let note: String?

    init(_ line: HistoryLine) {
        (happenedAt, actor, facts, note) = (line.happenedAt, line.actor, line.facts, line.note)
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
    /// Whether nothing is left to do by the link, though the provider has not decided.
    let isAgreed: Bool
    /// Whether it is being called off, though its state may not say so yet.
    let isCancelling: Bool
    let schedule: [ScheduledInstalment]
    let debits: [ScheduledInstalment]
}

/// A code for a client's phone, for whoever writes the message.
struct CodeAnswer: Encodable, Sendable {
    let recipient: RecipientAnswer
    let code: String
    let expiresAt: Instant
}

/// An account as staff see it: never with its key.
struct ProviderAccountAnswer: Encodable, Sendable {
    let id: ProviderAccountID
    let clinicID: ClinicID
    let provider: Provider
    let state: String
    let merchant: String
    let canCreatePayments: Bool
    /// Whether a key for notifications was entered beside the API's key; never the key.
    let notificationKeySet: Bool
    let contractPlans: [String]
    let offeredPlans: [String]
    let freePlans: [String]
    let payoutOffsetDays: Int
    let feeVATRate: Int
    let linkLifetimeHours: Int
    let connectedAt: Instant
    /// How calls to the provider fare, as this process sees it (PAY-13).
    let condition: String
    let failuresInARow: Int
    let asksAgainAt: Instant?
    /// Since when, and why, it works no longer; absent while it does (PAY-14).
    let failedAt: Instant?
    let failure: Sentence?
    /// The link by which the clinic brings the provider another one, absent where none was entered (PAY-16).
    let referral: ReferralLink?

    init(_ account: AccountRecord, _ calls: AccountCondition, notificationKeySet: Bool) {
        self.notificationKeySet = notificationKeySet
        (failuresInARow, asksAgainAt) = (calls.failuresInARow, calls.brokenUntil)
        (failedAt, referral) = (account.failedAt, account.referral)
        failure = account.failure.map { Sentence($0) }
        condition = calls.brokenUntil != nil ? "not-asked" : calls.failuresInARow > 0 ? "failing" : "working"
        (id, clinicID, provider, connectedAt) = (account.id, account.clinic, account.provider, account.connectedAt)
        let working = account.contract.canCreatePayments ? "connected" : "not-ready"
        let current = account.failedAt == nil ? working : "failed"
        (state, merchant) = (account.retiredAt == nil ? current : "retired", account.contract.merchant)
        canCreatePayments = account.contract.canCreatePayments
        contractPlans = account.contract.plans.map(\.plan.code)
        offeredPlans = account.settings.offeredPlans.map(\.code)
        freePlans = account.settings.freePlans.map(\.code)
        payoutOffsetDays = account.settings.payoutOffsetDays
        feeVATRate = account.settings.feeVATRate.value
        linkLifetimeHours = account.settings.linkLifetimeHours
    }
}

/// One plan and the provider's word on it.
struct PlanAnswer: Encodable, Sendable {
    let provider: Provider
    let plan: String
    let eligible: Bool
    let reason: Sentence?
    let schedule: [ScheduledInstalment]?
    let customerFee: Money?
    let clinicFee: Money?
    let clinicFeeVAT: Money?
    /// Whether the clinic bears the client's fee in this offer.
    let feeOffered: Bool
    /// What the clinic bears, VAT included, if it takes over the client's fee; absent where there is none.
    let clinicFeeIfOffered: Money?

    init(_ offered: OfferPlans.Offered) {
        let offer = offered.offer
        (provider, plan, feeOffered) = (offered.provider, offer.plan.code, offered.feeOffered)
        // Two parts of an amount that is one: their sum fits.
        clinicFeeIfOffered = offered.clinicFeeIfOffered.flatMap { try? $0.gross() }
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

    static func words(_ reason: PlanOffer.Reason) -> Sentence {
        switch reason {
        case .underMinimum(let minimum): "The smallest amount is \(minimum)."
        case .overMaximum(let maximum): "The largest amount is \(maximum)."
        case .notInContract: "It is not in the contract."
        case .notOfferedByClinic: "The clinic does not offer it."
        case .feeAboveCeiling(let most): "The client's fee is above what the law allows, \(most)."
        case .notReached: "The provider does not answer now."
        case .accountNotReady: "The provider lets the clinic's account take no payments yet."
        case .other(let words): words
        }
    }
}
