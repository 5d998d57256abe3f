package import PaymentModel

/// Money given back to the client through the provider.
package struct Refund: Hashable, Sendable {
    /// How far the refund came.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// Recorded before the provider is asked.
        case requested
        /// The provider was asked and did not answer.
        case unknown
        /// The provider took the order and has not carried it out yet.
        case pending
        /// The provider gave the money back.
        case completed
        /// The provider said no; the money stays with the clinic.
        case failed
        /// The provider's own list says that it failed, maybe after it was done: nothing older counts any more.
        case returned

        /// Whether the money counts as given back.
        ///
        /// All but a clear no does, so that two refunds never exceed what was paid. What came back is the clinic's to
        /// give again: the provider's list is final, and the books take it back by what is told.
        package var holdsMoney: Bool { self != .failed && self != .returned }

        /// Whether there is nothing more to ask; a refusal that turns out to have gone back is corrected.
        package var isDecided: Bool { self == .completed || self == .failed || self == .returned }
    }

    /// Our name for the refund, carried to the provider as its merchant reference.
    package let id: RefundID
    /// What goes back.
    package let amount: Money
    /// How far it came.
    package internal(set) var state: State
    /// The provider's name for it, once known.
    package internal(set) var reference: String?
    /// When the provider was last asked for it.
    package internal(set) var orderedAt: Instant

    /// A refund as it was stored.
    package init(id: RefundID, amount: Money, state: State, reference: String?, orderedAt: Instant) {
        self.id = id
        self.amount = amount
        self.state = state
        self.reference = reference
        self.orderedAt = orderedAt
    }
}

/// What the provider made of a refund.
package enum RefundOutcome: Hashable, Sendable {
    /// Done, with the schedule that is left for the client.
    case completed(reference: String?, schedule: [ScheduledInstalment])
    /// Taken, not done.
    case pending(reference: String?)
    /// The provider said no.
    case refused(String)
    /// The provider never heard of it: asking again is safe.
    case neverReached
    /// Nobody knows.
    case unknown
}
