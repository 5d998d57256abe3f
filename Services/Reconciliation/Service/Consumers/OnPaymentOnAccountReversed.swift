import EventContract
import PaymentModel
import TransactionalMessaging

/// Money of a till turned out not to have been received (REC-10).
struct OnPaymentOnAccountReversed {
    let count: CountCollection

    var subscription: Subscription {
        .on(PaymentOnAccountReversedV1.self) { event, _, change in
            try count.takeBack(
                event.amount, of: event.paymentOnAccountID, on: event.reversedOn, because: event.reason.rawValue,
                in: &change)
        }
    }
}
