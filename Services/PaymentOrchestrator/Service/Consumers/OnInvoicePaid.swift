import EventContract
import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Nothing is owed on an invoice any more: what could still pay it is called off.
struct OnInvoicePaid: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(InvoicePaidV1.self) { event, envelope, change in
            try keep.run(
                KeepReceivable.Owed(
                    debt: .invoice(event.invoiceID), client: event.clientID, due: .zero(event.total.currency)),
                at: envelope.clinic, in: &change)
            try keep.count(event.paymentID, of: .invoice(event.invoiceID), in: &change)
        }
    }
}
