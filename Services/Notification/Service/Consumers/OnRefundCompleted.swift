import EventContract
import NotificationDomain
import TransactionalMessaging

/// Money went back: the client is told, once per refund.
struct OnRefundCompleted {
    let request: RequestMessage

    var subscription: Subscription {
        .on(RefundCompletedV1.self) { event, envelope, change in
            try request.run(
                MessageRequest(
                    occasion: .refund, channel: .email, lane: .normal, dedupKey: "refund/\(event.refundID)",
                    payment: event.paymentID, client: event.clientID, clinic: envelope.clinic,
                    facts: try MessageFacts(amount: event.amount).text()),
                in: &change)
        }
    }
}
