/// Tells tests how far the machinery has come, so that they can end the process exactly there.
///
/// In production there is nobody to tell.
package struct Checkpoints: Sendable {
    /// A place between two steps where a crash must do no harm.
    package enum Point: String, Sendable, CaseIterable {
        case causeRecorded, changeMade, changeCommitted
        case outboxClaimed, outboxSending, outboxAcknowledged, outboxSettled
        case messagesFetched, messagesClaimed, messagesHandled, messagesCommitted, messagesSought, offsetsCommitted
        case letterWritten, letterCommitted
        case letterHandled, letterSettled
    }

    private let reached: (@Sendable (Point) -> Void)?

    /// Nobody is told.
    package static let none = Checkpoints(reached: nil)

    /// Tells `reached` on whatever thread the machinery is.
    package init(reached: (@Sendable (Point) -> Void)?) {
        self.reached = reached
    }

    func reach(_ point: Point) { reached?(point) }
}
