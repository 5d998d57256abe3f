import EventContract
import TransactionalMessaging

/// A client was erased: nothing of the person stays here (GEN-7).
///
/// While a gateway is being called for the client the event is parked, and handled when it is retried.
struct OnClientErased {
    let forget = ForgetClient()

    var subscription: Subscription {
        .on(ClientErasedV1.self) { event, _, change in
            try forget.run(event.clientID, in: &change)
        }
    }
}
