import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Somebody wants a payment's link sent again: one that has not left yet gives way to it.
struct OnPaymentLinkRequested {
    let request: RequestMessage
    let callOff = CallOffMessages()
    let asked = AskedPaymentStore()

    var subscription: Subscription {
        .on(PaymentLinkRequestedV1.self) { event, envelope, change in
            request.awaitTurn(of: event.clientID, in: &change)
            asked.remember(
                AskedPayment(
                    payment: event.paymentID, client: event.clientID, clinic: envelope.clinic,
                    expiresAt: event.expiresAt), in: &change)
            try callOff.run(about: .payment(event.paymentID), .paymentLink, in: &change)
            try request.run(
                MessageRequest(
                    occasion: .paymentLink, channel: .sms, lane: .urgent,
                    dedupKey: "payment-link/\(event.paymentID)/\(envelope.id)", matter: .payment(event.paymentID),
                    client: event.clientID, clinic: envelope.clinic,
                    facts: try MessageFacts(amount: event.amount).text(), expiresAt: event.expiresAt),
                in: &change)
        }
    }
}
