import EventContract
import TransactionalMessaging

/// A quote was made: explanations of the invoices it becomes begin with it.
struct OnQuoteIssued {
    let origins = OriginStore()

    var subscription: Subscription {
        .on(QuoteIssuedV1.self) { event, _, change in origins.keep(event, in: &change) }
    }
}
