package import PaymentModel

/// What became of a retry.
package enum RetryOutcome: Sendable, Hashable {
    /// So many letters were handled: the one asked for and, where a key is held, the others of its key in their order.
    case handled(count: Int)
    /// This letter failed again and stays, and so do those behind it.
    case failed(DeadLetterID, reason: String)
    /// What a letter needs is taken elsewhere: it is as it was, and whoever asked may ask again.
    case notItsTurn(reason: String)
    /// There is no open letter of that name.
    case nothingOpen
    /// This program has no consumer of that group.
    case unknownConsumer(String)
}
