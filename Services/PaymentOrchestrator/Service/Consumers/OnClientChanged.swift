import EventContract
import TransactionalMessaging

/// Keeps which clients there are, so that nobody is asked for money that could not be booked.
struct OnClientChanged: Sendable {
    let clients = ClientStore()

    var subscription: Subscription {
        .on(ClientChangedV1.self) { event, envelope, change in
            try clients.save(event.clientID, of: envelope.organisation, in: &change)
        }
    }
}
