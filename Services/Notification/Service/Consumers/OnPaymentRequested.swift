import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// A payment by SMS link was asked for: the client gets the link, before everything else that waits.
struct OnPaymentRequested {
    let request: RequestMessage

    var subscription: Subscription {
        .on(PaymentRequestedV1.self) { event, envelope, change in
            guard event.channel == .sms else { return }
            try request.run(
                MessageRequest(
                    occasion: .paymentLink, channel: .sms, lane: .urgent,
                    dedupKey: "payment-link/\(event.paymentID)", matter: .payment(event.paymentID),
                    client: event.clientID,
                    clinic: envelope.clinic, facts: try MessageFacts(amount: event.amount).text(),
                    expiresAt: event.expiresAt),
                in: &change)
        }
    }
}
