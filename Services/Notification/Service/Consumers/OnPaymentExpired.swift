import EventContract
import TransactionalMessaging

/// A payment was not used in time: a link that has not left yet would lead nowhere.
struct OnPaymentExpired {
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(PaymentExpiredV1.self) { event, _, change in
            try callOff.run(about: event.paymentID, in: &change)
        }
    }
}
