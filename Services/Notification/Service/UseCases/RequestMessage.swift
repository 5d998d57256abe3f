import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Turns a fact into a message that is asked for, once.
struct RequestMessage {
    let ids: IdentifierSource
    let messages = MessageStore()

    func run(_ request: MessageRequest, in change: inout Change) throws {
        let id: MessageID = ids.make()
        guard try messages.insert(request, as: id, in: &change) else { return }
        change.announceRequest(request, as: id)
    }
}

/// Calls off what has not left and is no longer wanted (NOT-3).
struct CallOffMessages {
    let messages = MessageStore()

    func run(about payment: PaymentID, _ occasion: Occasion, in change: inout Change) throws {
        for var record in try messages.lockWaiting(about: payment, occasion, in: &change) {
            try record.message.callOff()
            try messages.save(record.message, reason: "no longer wanted", in: &change)
        }
    }
}
