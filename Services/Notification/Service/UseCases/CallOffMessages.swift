import NotificationDomain
import PaymentModel
import TransactionalMessaging

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
