import EventContract
import TransactionalMessaging

/// A client came or has another number: an entry of the directory may be that client.
struct OnClientChanged {
    let links = LinkStore()

    var subscription: Subscription {
        .on(ClientChangedV1.self) { event, _, change in
            links.note(event.clientID, in: &change)
        }
    }
}
