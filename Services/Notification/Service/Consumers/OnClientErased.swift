import EventContract
import TransactionalMessaging

/// A client was erased: nothing of the person stays here (GEN-7).
struct OnClientErased {
    let forget = ForgetClient()

    var subscription: Subscription {
        .on(ClientErasedV1.self) { event, _, change in
            try forget.run(event.clientID, in: &change)
        }
    }
}
