import EventContract
import TransactionalMessaging

/// Something is owed on an invoice again, so that it may be paid again.
struct OnReceivableReopened: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(ReceivableReopenedV1.self) { event, envelope, change in
            guard let invoice = event.invoiceID else { return }
            try keep.run(
                KeepReceivable.Owed(invoice: invoice, client: event.clientID, due: event.due), at: envelope.clinic,
                in: &change)
        }
    }
}
