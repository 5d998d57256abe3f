import EventContract
import TransactionalMessaging

/// A payment began; statistics learn its plan, which those that end without money do not tell (REC-9).
struct OnPaymentRequested {
    let count: CountSale

    var subscription: Subscription {
        .on(PaymentRequestedV1.self) { event, envelope, change in
            try count.run(
                Sale(
                    payment: event.paymentID, for: event.invoiceID, at: envelope.clinic, provider: event.provider,
                    amount: event.amount, plan: event.plan), in: &change)
        }
    }
}
