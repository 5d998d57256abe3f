import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Turns a fact into a message that is asked for, once.
struct RequestMessage {
    let ids: IdentifierSource
    /// At this age a message that has not left is called off, whatever it is about.
    let ageMax: Duration
    let bell: WorkBell
    let messages = MessageStore()

    /// Under an id of its own, or under that of the reminder it was.
    func run(_ request: MessageRequest, as reminder: MessageID? = nil, in change: inout Change) throws {
        let id: MessageID = reminder ?? ids.make()
        guard try messages.insert(request, as: id, ageMax: ageMax, in: &change) else { return }
        change.announceRequest(request, as: id)
        bell.ring(.messages, after: &change)
    }
}
