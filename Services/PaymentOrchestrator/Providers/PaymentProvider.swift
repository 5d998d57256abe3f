package import PaymentModel
package import PaymentOrchestratorDomain

/// Nobody knows whether the provider acted; ask it before doing anything again.
package struct OutcomeUnknown: Error, Hashable, Sendable {
    /// What happened, in words for an operator; never holds a key, a body or personal data.
    package let detail: String

    /// Not knowing, for the reason given.
    package init(_ detail: String) { self.detail = detail }
}

/// A company that lends to or collects from the client, and pays the clinic.
///
/// A refusal is an answer, never an error: the one error is not knowing. An adapter MUST
/// - answer `neverReached` only when the provider cannot have acted,
/// - take for a refusal only what says so in the provider's own words,
/// - take a status it does not list for `pending`,
/// - carry the attempt's and the refund's id to the provider, so that both can be found again after a crash,
/// - not know what came of a start or a refund whose answer has another one's id,
/// - give back at most once per refund id, however often and however late it is asked,
/// - not know what came of an act, nor offer a plan, whose answer is about another amount or currency,
/// - leave the comparison of what is read to the payment, which gets what the provider says and not what was asked.
package protocol PaymentProvider: SettlementReporting {
    /// What the provider can do at all, so that nobody has to try and fail.
    var capabilities: ProviderCapabilities { get }

    /// Asks whether the provider accepts the account's key, and what its contract allows.
    func check(_ account: AccountAccess) async throws(OutcomeUnknown) -> AccountCheck

    /// Asks which plans an amount may be paid by, with their schedules and fees.
    func offers(for question: EligibilityQuestion, _ account: AccountAccess) async throws(OutcomeUnknown) -> Offers

    /// Has the provider open a payment; never answers `.unknown`, which is the error.
    ///
    /// Where it says that the payment has its money already, the reference means whatever took it, and leads the client
    /// back to us.
    func start(_ order: StartOrder, _ account: AccountAccess) async throws(OutcomeUnknown) -> StartOutcome

    /// Looks for what an attempt left at the provider; `nil` when it never heard of it.
    func find(
        _ attempt: AttemptID, startedAt: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport?

    /// Reads a payment back, changing nothing; `nil` when the provider has none of that reference.
    ///
    /// A notification's reference is taken too; the report MUST then carry the payment's own.
    func report(on reference: String, _ account: AccountAccess) async throws(OutcomeUnknown) -> ProviderReport?

    /// Reads a payment back by its money's own name, since its object may be known no more.
    ///
    /// Then of what went back that alone can be told which is named here.
    func report(
        onMoney capture: String, givenBack refunds: [String], _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport?

    /// Takes what the client has agreed to pay, where the provider waits for our word, and reads the payment back.
    ///
    /// MUST NOT be asked for a payment that is being called off. Where another of the payment's objects turns out to
    /// have taken the money, the report is that one's; all of them were made at `first` or later.
    func collect(
        _ reference: String, since first: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport?

    /// Cancels a payment nobody has paid yet; the payment MUST be read back whatever the answer.
    func cancel(_ reference: String, _ account: AccountAccess) async throws(OutcomeUnknown) -> CancelOutcome

    /// Gives money back; never answers `.unknown`, which is the error.
    func refund(_ order: RefundOrder, _ account: AccountAccess) async throws(OutcomeUnknown) -> RefundOutcome

    /// The payments of which somebody complained since, each once, by references that a reading takes.
    ///
    /// One question for all of an account's payments: a complaint that no notification told of is found by it.
    /// What could not be read of it is counted, so that one object nobody understands does not hide the others.
    func disputed(since: Instant, _ account: AccountAccess) async throws(OutcomeUnknown) -> NamedPayments

    /// What was given back since, by whomever: a refund that somebody makes on the provider's own pages is found by it.
    ///
    /// One question for all of an account's payments, as above.
    func refunded(since: Instant, _ account: AccountAccess) async throws(OutcomeUnknown) -> [ListedRefund]

    /// Tells a notification of the provider's from anybody else's.
    ///
    /// Nothing it says is trusted, only which payment it names.
    func verify(
        _ notification: ProviderNotification, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> NotificationVerdict
}

extension PaymentProvider {
    /// Most providers take the money by themselves.
    package func collect(
        _ reference: String, since first: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        try await report(on: reference, account)
    }

    /// Most providers keep their objects, and list what went back.
    package func report(
        onMoney capture: String, givenBack refunds: [String], _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ProviderReport? {
        try await report(on: capture, account)
    }

    /// Nobody complains where the clinic is paid whatever the client does.
    package func disputed(since: Instant, _ account: AccountAccess) async throws(OutcomeUnknown) -> NamedPayments {
        NamedPayments(references: [])
    }
}

/// Payments of an account that its provider tells something of.
package struct NamedPayments: Hashable, Sendable {
    /// Each once, by references that a reading takes.
    package let references: [String]
    /// How many of the provider's objects could not be read: they may be about payments of ours.
    package let unreadable: Int

    /// Payments, each named as often as may be.
    package init(references: some Sequence<String>, unreadable: Int = 0) {
        self.references = Set(references).sorted()
        self.unreadable = unreadable
    }
}

/// Money that went back, in an account's list.
package struct ListedRefund: Hashable, Sendable {
    /// The provider's name for it.
    package let reference: String
    /// What it is about.
    package let subject: Subject

    /// What the provider names beside it.
    package enum Subject: Hashable, Sendable {
        /// Its payment, by a reference that a reading takes.
        case payment(String)
        /// The refund that came back by it.
        case refund(String)
    }

    /// The payment, where that is named.
    package var payment: String? { if case .payment(let payment) = subject { payment } else { nil } }

    /// The refund that came back, where that is named.
    package var returnedRefund: String? { if case .refund(let refund) = subject { refund } else { nil } }
}

/// What the provider made of a cancellation.
package enum CancelOutcome: Hashable, Sendable {
    case cancelled
    /// Not in this state, for example because the client has just paid.
    case refused(String)
    /// The provider never heard of it: asking again is safe.
    case neverReached
}
