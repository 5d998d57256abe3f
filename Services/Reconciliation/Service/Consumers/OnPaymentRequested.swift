import EventContract
import TransactionalMessaging

/// A payment began; statistics learn its plan (REC-9), and the fee screen who asked for it (REC-1).
struct OnPaymentRequested {
    let count: CountSale

    var subscription: Subscription {
        .on(PaymentRequestedV1.self) { event, envelope, change in
            var sale = Sale(
                payment: event.paymentID, for: event.invoiceID, at: envelope.clinic, provider: event.provider,
                amount: event.amount, plan: event.plan)
            sale.requestedBy = event.requestedBy
            count.run(sale, in: &change)
        }
    }
}
