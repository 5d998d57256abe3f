import EventContract
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Less is owed on an invoice; the money that did it is counted.
struct OnInvoicePartPaid: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(InvoicePartPaidV1.self) { event, envelope, change in
            try keep.run(
                KeepReceivable.Owed(debt: .invoice(event.invoiceID), client: event.clientID, due: event.due),
                at: envelope.clinic, in: &change)
            try keep.count(event.paymentID, of: .invoice(event.invoiceID), in: &change)
        }
    }
}
