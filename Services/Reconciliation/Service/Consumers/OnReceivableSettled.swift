import EventContract
import TransactionalMessaging

/// What was due on an invoice was written off; what is owed without one is in no explanation.
struct OnReceivableSettled {
    let standings = InvoiceStandingStore()

    var subscription: Subscription {
        .on(ReceivableSettledV1.self) { event, _, change in
            guard let invoice = event.invoiceID, event.by == .writeOff else { return }
            standings.note(writtenOff: event.writtenOff, of: invoice, in: &change)
        }
    }
}
