import EventContract
import PaymentOrchestratorDomain
import TransactionalMessaging

/// An invoice may be paid from now on.
struct OnInvoiceIssued: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(InvoiceIssuedV1.self) { event, envelope, change in
            try keep.run(
                KeepReceivable.Owed(
                    debt: .invoice(event.invoiceID), client: event.clientID, due: event.total,
                    isPayableOnline: event.payableOnline),
                at: envelope.clinic, in: &change)
        }
    }
}
