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
        /// The provider's own list says that it came back after it was done; a person says whose the money is now.
        case returned
        /// The provider's own list says that it failed, and the money is the clinic's to give again.
        case undone

        /// Whether the money counts as given back.
        ///
        /// All but a clear no does, so that two refunds never exceed what was paid. What came back may have been given
        /// to the client in another way since: it stays held until a person says that it was not.
        package var holdsMoney: Bool { self != .failed && self != .undone }

        /// Whether there is nothing more to ask; a refusal that turns out to have gone back is corrected.
        package var isDecided: Bool { self == .completed || self == .failed || failedByList }

        /// Whether the provider's list says that it failed: no answer of an order counts any more, nor an older list.
        package var failedByList: Bool { self == .returned || self == .undone }
    }

    /// Whether the provider has its order: what becomes of it is read, and never ordered once more.
    package var isTaken: Bool { state == .pending && reference != nil }

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
    /// When it was asked for, before its first order.
    package let requestedAt: Instant

    /// A refund as it was stored.
    package init(
        id: RefundID, amount: Money, state: State, reference: String?, orderedAt: Instant, requestedAt: Instant
    ) {
        self.id = id
        self.amount = amount
        self.state = state
        self.reference = reference
        self.orderedAt = orderedAt
        self.requestedAt = requestedAt
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
