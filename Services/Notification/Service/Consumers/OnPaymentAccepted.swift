import EventContract
import NotificationDomain
import TransactionalMessaging

/// A payment went through: the client gets the confirmation with the schedule; a link that still waits is called off.
struct OnPaymentAccepted {
    let request: RequestMessage
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(PaymentAcceptedV1.self) { event, envelope, change in
            try callOff.run(about: event.paymentID, .paymentLink, in: &change)
            try request.run(
                MessageRequest(
                    occasion: .paymentAccepted, channel: .email, lane: .normal,
                    dedupKey: "payment-accepted/\(event.paymentID)", payment: event.paymentID, client: event.clientID,
                    clinic: envelope.clinic, facts: try MessageFacts(amount: event.amount).text()),
                in: &change)
        }
    }
}
