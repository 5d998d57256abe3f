package import PaymentModel

/// What a provider says about a payment when it is asked, in our words.
///
/// Webhook, browser return, poll, sweep and a person's click all end in reading one of these and recording it.
package struct ProviderReport: Hashable, Sendable {
    /// The provider's decision so far.
    package enum Status: Hashable, Sendable {
        /// Nothing decided; also what a status we don't know means.
        case pending
        /// The clinic will be paid.
        case paid
        /// The provider will not pay, with its reason.
        case refused(String)
        /// Called off at the provider.
        case cancelled
        /// Not paid in time.
        case expired
        /// The object is over and nobody paid it; another may be opened while our link works.
        case lapsed
    }

    /// The provider's name for its object.
    package var reference: String
    /// The attempt the object was made for, as the provider gives it back.
    package var attempt: AttemptID?
    /// The decision.
    package var status: Status
    /// What the provider thinks is being paid; what moved, once something did.
    package var amount: Money
    /// What another of the provider's objects says of the same money, where it is another amount.
    package var otherAmount: Money?
    /// Where the client pays.
    package var payURL: String?
    /// Whether the client has agreed there, so that while nothing is decided the page has nothing to pay any more.
    package var isAgreed = false
    /// When the client's agreement was given, where the provider says it.
    package var acceptedAt: Instant?
    /// What the client owes the provider and when.
    package var schedule: [ScheduledInstalment]
    /// How far each instalment came, where the provider says it; in the order of the schedule.
    package var instalments: [InstalmentProgress]
    /// What the provider keeps from the clinic, where it says it.
    package var fee: ProviderFee?
    /// The refunds the provider knows of, by our reference where it has one.
    package var refunds: [ReportedRefund]
    /// The refunds of which the provider does not know the end yet.
    package var pendingRefunds: [PendingRefund] = []
    /// The money's own name, by which it is read where the object is known no more; `nil` where objects stay.
    package var capture: String?
    /// What went back in all, where the provider says it beside its list.
    package var refundedInAll: Money?
    /// Of refunds asked for before this, those alone are listed that were read by the provider's names for them; `nil`
    /// where the list is whole.
    package var hidesRefundsBefore: Instant?
    /// The disputes the provider knows of.
    package var disputes: [Dispute]

    /// A report with what every provider tells; the rest is optional.
    package init(
        reference: String, attempt: AttemptID?, status: Status, amount: Money, payURL: String? = nil,
        acceptedAt: Instant? = nil, schedule: [ScheduledInstalment] = [], fee: ProviderFee? = nil,
        refunds: [ReportedRefund] = [], instalments: [InstalmentProgress] = [], disputes: [Dispute] = []
    ) {
        self.reference = reference
        self.attempt = attempt
        self.status = status
        self.amount = amount
        self.payURL = payURL
        self.acceptedAt = acceptedAt
        self.schedule = schedule
        self.fee = fee
        self.refunds = refunds
        self.instalments = instalments
        self.disputes = disputes
    }
}

extension ProviderReport {
    /// What of it did not go back yet, by what is listed or by the provider's own sum.
    package var notGivenBack: Money {
        let listed = refunds.filter { $0.failure == nil }.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
        return Money(max(0, amount.minorUnits - max(listed, refundedInAll?.minorUnits ?? 0)), amount.currency)
    }
}

/// A refund as the provider lists it.
package struct ReportedRefund: Hashable, Sendable {
    /// Ours, when the refund was asked by us.
    package let id: RefundID?
    /// The provider's name for it.
    package let reference: String
    /// What went back, or did not.
    package let amount: Money
    /// Why it did not go back, or came back; `nil` when the client has it.
    package let failure: String?
    /// When it was ordered at the provider, where it says it.
    package let madeAt: Instant?

    /// A refund the provider listed.
    package init(
        id: RefundID?, reference: String, amount: Money, failure: String? = nil, madeAt: Instant? = nil
    ) {
        self.id = id
        self.reference = reference
        self.amount = amount
        self.failure = failure
        self.madeAt = madeAt
    }
}

/// A refund the provider took and has neither made nor refused: money that may go back still.
package struct PendingRefund: Hashable, Sendable {
    /// Ours, when the refund was asked by us.
    package let id: RefundID?
    /// The provider's name for it.
    package let reference: String

    /// A refund the provider has not decided about.
    package init(id: RefundID?, reference: String) {
        self.id = id
        self.reference = reference
    }
}

/// What the provider made of our request to open a payment.
package enum StartOutcome: Hashable, Sendable {
    /// It holds an object and the client may pay there.
    case opened(reference: String, payURL: String)
    /// It will not open one.
    case refused(String)
    /// It never heard of the request: another try is safe.
    case neverReached
    /// Nobody knows.
    case unknown
}
