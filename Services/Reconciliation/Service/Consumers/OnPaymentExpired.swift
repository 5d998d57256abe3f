import EventContract
import ReconciliationDomain
import TransactionalMessaging

/// A payment ended without money; statistics count it (REC-9).
struct OnPaymentExpired {
    let count: CountSale

    var subscription: Subscription {
        .on(PaymentExpiredV1.self) { event, envelope, change in
            let sale = Sale(
                payment: event.paymentID, for: event.invoiceID, at: envelope.clinic, provider: event.provider,
                amount: event.amount)
            try count.ended(.expired, sale, at: envelope.time, in: &change)
        }
    }
}
