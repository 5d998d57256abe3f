import EventContract
import TransactionalMessaging

/// A payment was refused: a link that has not left yet would lead nowhere.
struct OnPaymentRefused {
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(PaymentRefusedV1.self) { event, _, change in
            try callOff.run(about: event.paymentID, in: &change)
        }
    }
}
