package import PaymentModel

/// One online payment: the state machine between a receivable and a provider.
///
/// Pure and synchronous: every function decides from what it is given and answers with the facts that became true.
/// The functions are in files by subject: verifying, linking, starting, observing, cancelling,
/// refunding, resolving, erasing.
package struct Payment: Hashable, Sendable {
    /// What was agreed when the payment was asked for; it never changes.
    package let terms: PaymentTerms
    /// Where it stands.
    package internal(set) var state: PaymentState
    /// Every try to open it at the provider, oldest first.
    package internal(set) var attempts: [Attempt]
    /// The code sent to the client's phone, where one is wanted.
    package internal(set) var verification: Verification?
    /// When the link was last sent.
    package internal(set) var linkAskedAt: Instant?
    /// Why it was asked to be called off, while or after the provider was asked.
    package internal(set) var cancellation: CancelReason?
    /// Whether the provider's answer to a cancellation went missing, so that it is announced once.
    package internal(set) var cancellationUnknown: Bool
    /// The provider's yes.
    package internal(set) var acceptance: Acceptance?
    /// The reason of a refusal.
    package internal(set) var refusal: String?
    /// Every refund, oldest first.
    package internal(set) var refunds: [Refund]
    /// Every dispute, oldest first.
    package internal(set) var disputes: [Dispute]
    /// What a person has to look at.
    package internal(set) var alarms: [Alarm]
    /// What a person noted and the provider goes on listing: it is no news.
    package internal(set) var noted: [Alarm]
    /// Whether nobody may know any more who pays.
    package internal(set) var isClientErased: Bool

    /// Asks for a payment; its link leaves at once where it goes by SMS.
    package static func request(
        _ terms: PaymentTerms, at now: Instant
    ) -> (payment: Payment, facts: [PaymentFact]) {
        (Payment(terms: terms, state: .requested, linkAskedAt: terms.channel == .sms ? now : nil), [.requested])
    }

    /// A payment as it was stored.
    package init(
        terms: PaymentTerms, state: PaymentState, attempts: [Attempt] = [],
        verification: Verification? = nil, linkAskedAt: Instant? = nil, cancellation: CancelReason? = nil,
        cancellationUnknown: Bool = false, acceptance: Acceptance? = nil, refusal: String? = nil,
        refunds: [Refund] = [], disputes: [Dispute] = [], alarms: [Alarm] = [], noted: [Alarm] = [],
        isClientErased: Bool = false
    ) {
        self.terms = terms
        self.state = state
        self.attempts = attempts
        self.verification = verification
        self.linkAskedAt = linkAskedAt
        self.cancellation = cancellation
        self.cancellationUnknown = cancellationUnknown
        self.acceptance = acceptance
        self.refusal = refusal
        self.refunds = refunds
        self.disputes = disputes
        self.alarms = alarms
        self.noted = noted
        self.isClientErased = isClientErased
    }

    /// The same payment with what is stored beside it.
    package func with(attempts: [Attempt], refunds: [Refund]) -> Payment {
        var payment = self
        payment.attempts = attempts
        payment.refunds = refunds
        return payment
    }
}

/// What was agreed when a payment was asked for.
package struct PaymentTerms: Hashable, Sendable {
    /// The payment's name.
    package let id: PaymentID
    /// What it pays; `nil` for a free amount.
    package let debt: Debt?
    /// Whose debt it is; another one's than at first where its client became that one.
    package let client: ClientID
    /// What is paid.
    package let amount: Money
    /// How it is spread over time.
    package let plan: PaymentPlan
    /// Who lends or collects.
    package let provider: Provider
    /// The clinic's account there.
    package let account: ProviderAccountID
    /// How the client gets the link.
    package let channel: PaymentChannel
    /// Whether a code sent to the client's phone has to be read out first.
    package let confirmation: Confirmation
    /// Whether the clinic bears the client's fee.
    package let feeOffered: Bool
    /// When the link stops working.
    package let expiresAt: Instant

    /// Terms of a payment.
    package init(
        id: PaymentID, debt: Debt?, client: ClientID, amount: Money, plan: PaymentPlan, provider: Provider,
        account: ProviderAccountID, channel: PaymentChannel, confirmation: Confirmation = .nothing, feeOffered: Bool,
        expiresAt: Instant
    ) {
        self.id = id
        self.debt = debt
        self.client = client
        self.amount = amount
        self.plan = plan
        self.provider = provider
        self.account = account
        self.channel = channel
        self.confirmation = confirmation
        self.feeOffered = feeOffered
        self.expiresAt = expiresAt
    }
}

extension PaymentTerms {
    /// The invoice it pays, where it pays one.
    package var invoice: InvoiceID? { debt?.invoice }

    /// What is owed without an invoice that it pays, where it pays that.
    package var receivable: ReceivableID? { debt?.receivable }
}

/// What a payment waits for before the provider is asked.
package enum Confirmation: String, Hashable, Sendable, Codable, CaseIterable {
    /// Nothing.
    case nothing = "none"
    /// A code sent to the client's phone, read out at the desk.
    case code
}
