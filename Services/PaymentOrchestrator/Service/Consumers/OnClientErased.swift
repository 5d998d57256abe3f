import EventContract
import TransactionalMessaging

/// A client was erased: nothing tells any more who paid (GEN-7).
struct OnClientErased {
    let forget: ForgetClient

    var subscription: Subscription {
        .on(ClientErasedV1.self) { event, _, change in
            try forget.run(event.clientID, in: &change)
        }
    }
}
