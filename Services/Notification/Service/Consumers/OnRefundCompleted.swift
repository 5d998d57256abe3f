import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Money went back: the client is told, once per refund, and of the debits that are left.
struct OnRefundCompleted {
    let request: RequestMessage
    let notices: PlanDebitNotices

    var subscription: Subscription {
        .on(RefundCompletedV1.self) { event, envelope, change in
            request.awaitTurn(of: event.clientID, in: &change)
            try notices.run(
                PlanDebitNotices.Schedule(
                    payment: event.paymentID, client: event.clientID, clinic: envelope.clinic,
                    instalments: event.schedule, knownOn: event.completedOn ?? event.completedAt.utcDate),
                in: &change)
            try request.run(
                MessageRequest(
                    occasion: .refund, channel: .email, lane: .normal, dedupKey: "refund/\(event.refundID)",
                    matter: .payment(event.paymentID), client: event.clientID, clinic: envelope.clinic,
                    facts: try MessageFacts(amount: event.amount).text()),
                in: &change)
        }
    }
}
