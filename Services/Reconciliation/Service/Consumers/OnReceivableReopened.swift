import EventContract
import TransactionalMessaging

/// What was written off of an invoice is due again.
struct OnReceivableReopened {
    let standings = InvoiceStandingStore()

    var subscription: Subscription {
        .on(ReceivableReopenedV1.self) { event, _, change in
            guard let invoice = event.invoiceID, event.reason == .writeOffUndone else { return }
            standings.note(reopenedTo: event.due, of: invoice, in: &change)
        }
    }
}
