import NotificationDomain
import TransactionalMessaging

/// Calls off a message that would come too late, and says so.
struct CallOffLate {
    static let reason = "it would have come too late"

    /// True when it was too late.
    @discardableResult
    func run(_ record: MessageRecord, in change: inout Change) throws -> Bool {
        let isWaiting = record.message.state == .requested || record.message.state == .ready
        guard record.isExpired, isWaiting else { return false }
        try change.callOff(record, asFailed: Self.reason)
        return true
    }
}
