import EventContract
import PaymentModel
import TransactionalMessaging

/// An account works: what its provider pays out is asked for from the day on since which it does (REC-3).
struct OnProviderAccountConnected {
    let sources = PayoutSourceStore()

    var subscription: Subscription {
        .on(ProviderAccountConnectedV1.self) { event, envelope, change in
            try sources.add(
                event.providerAccountID, at: event.provider, since: event.since ?? envelope.time.utcDate,
                in: &change)
        }
    }
}
