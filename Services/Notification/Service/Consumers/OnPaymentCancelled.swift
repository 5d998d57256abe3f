import EventContract
import TransactionalMessaging

/// A payment was called off: a link that has not left yet would lead nowhere.
struct OnPaymentCancelled {
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(PaymentCancelledV1.self) { event, _, change in
            try callOff.run(about: event.paymentID, in: &change)
        }
    }
}
