import EventContract
import PaymentModel
import TransactionalMessaging

/// Nothing is due on an invoice any more.
struct OnInvoicePaid {
    let standings = InvoiceStandingStore()

    var subscription: Subscription {
        .on(InvoicePaidV1.self) { event, _, change in
            standings.note(due: .zero(event.total.currency), on: event.invoiceID, in: &change)
        }
    }
}
