import EventContract
import TransactionalMessaging

/// What is due on an invoice changed with what is paid of it.
struct OnInvoicePartPaid {
    let standings = InvoiceStandingStore()

    var subscription: Subscription {
        .on(InvoicePartPaidV1.self) { event, _, change in
            standings.note(due: event.due, on: event.invoiceID, in: &change)
        }
    }
}
