import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Turns a fact into a message that is asked for, once.
struct RequestMessage {
    let ids: IdentifierSource
    /// At this age a message that has not left is called off, whatever it is about.
    let ageMax: Duration
    let messages = MessageStore()

    func run(_ request: MessageRequest, in change: inout Change) throws {
        let id: MessageID = ids.make()
        guard try messages.insert(request, as: id, ageMax: ageMax, in: &change) else { return }
        change.announceRequest(request, as: id)
    }
}

/// Calls off what has not left and is no longer wanted (NOT-3).
struct CallOffMessages {
    static let reason = "no longer wanted"
    let messages = MessageStore()

    func run(about payment: PaymentID, _ occasion: Occasion, in change: inout Change) throws {
        for var record in try messages.lockUnsent(about: payment, occasion, in: &change) {
            // Perhaps the gateway will not take it; then this is the end of it.
            guard record.message.state != .claimed else {
                try messages.giveUp(record.message.id, in: &change)
                continue
            }
            try record.message.callOff()
            try messages.save(record.message, reason: Self.reason, in: &change)
        }
    }
}

/// Calls off a message that would come too late, and says so.
struct CallOffLate {
    let messages = MessageStore()

    /// True when it was too late.
    @discardableResult
    func run(_ record: MessageRecord, in change: inout Change) throws -> Bool {
        var record = record
        let isWaiting = record.message.state == .requested || record.message.state == .ready
        guard record.isExpired, isWaiting else { return false }
        let reason = "it would have come too late"
        try record.message.callOff()
        try messages.save(record.message, reason: reason, in: &change)
        change.announceFailure(of: record, reason)
        return true
    }
}
