import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Turns a fact into a message that is asked for, once; nobody is written to who was forgotten, or about whom (GEN-7).
struct RequestMessage {
    let ids: IdentifierSource
    /// At this age a message that has not left is called off, whatever it is about.
    let ageMax: Duration
    let bell: WorkBell
    let messages = MessageStore()
    let forgotten = ForgottenClientStore()

    func run(_ request: MessageRequest, in change: inout Change) throws {
        forgotten.awaitTurn(of: request.clients, in: &change)
        try run(request, as: ids.make(), in: &change)
    }

    /// Under the id of the reminder it was, or its own; the turn of its clients has been waited for.
    func run(_ request: MessageRequest, as id: MessageID, in change: inout Change) throws {
        guard try messages.insert(request, as: id, ageMax: ageMax, in: &change) else { return }
        change.announceRequest(request, as: id)
        bell.ring(request.lane == .urgent ? .urgentMessages : .messages, after: &change)
    }

    /// For who locks what is there before it asks: who forgets the client comes the same way, and no two wait in a
    /// ring.
    func awaitTurn(of client: ClientID, in change: inout Change) { forgotten.awaitTurn(of: [client], in: &change) }
}
