import EventContract
import TransactionalMessaging

/// A deposit was asked for on a quote: what is paid for its invoice is explained by the quote.
struct OnDepositRequested {
    let origins = OriginStore()

    var subscription: Subscription {
        .on(DepositRequestedV1.self) { event, _, change in origins.keep(event, in: &change) }
    }
}
