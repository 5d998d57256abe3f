import EventContract
import NotificationDomain
import TransactionalMessaging

/// A payment ended without money: a link that has not left yet would lead nowhere.
struct OnPaymentEnded {
    let callOff = CallOffMessages()

    var subscriptions: [Subscription] {
        [
            .on(PaymentRefusedV1.self) { event, _, change in
                try callOff.run(about: event.paymentID, .paymentLink, in: &change)
            },
            .on(PaymentCancelledV1.self) { event, _, change in
                try callOff.run(about: event.paymentID, .paymentLink, in: &change)
            },
            .on(PaymentExpiredV1.self) { event, _, change in
                try callOff.run(about: event.paymentID, .paymentLink, in: &change)
            },
        ]
    }
}
