import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Recorded money turned out not to have been received: a receipt that has not left says what is not true any more.
struct OnPaymentOnAccountReversed {
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(PaymentOnAccountReversedV1.self) { event, _, change in
            try callOff.run(about: .paymentOnAccount(event.paymentOnAccountID), .receipt, in: &change)
        }
    }
}
