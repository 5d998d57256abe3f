import EventContract
import TransactionalMessaging

/// A payment was not used in time: a link that has not left yet would lead nowhere.
struct OnPaymentExpired {
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(PaymentExpiredV1.self) { event, envelope, change in
            try callOff.run(
                about: AskedPayment(payment: event.paymentID, client: event.clientID, clinic: envelope.clinic),
                ended: .expired, in: &change)
        }
    }
}
