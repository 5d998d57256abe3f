import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// A payment went through: the client gets the confirmation with the schedule, and a notice before each debit.
///
/// A link that still waits is called off.
struct OnPaymentAccepted {
    let request: RequestMessage
    let notices: PlanDebitNotices
    let callOff = CallOffMessages()

    var subscription: Subscription {
        .on(PaymentAcceptedV1.self) { event, envelope, change in
            request.awaitTurn(of: event.clientID, in: &change)
            try callOff.run(
                about: AskedPayment(payment: event.paymentID, client: event.clientID, clinic: envelope.clinic),
                ended: .accepted, in: &change)
            try notices.run(
                PlanDebitNotices.Schedule(
                    payment: event.paymentID, client: event.clientID, clinic: envelope.clinic,
                    instalments: event.schedule, knownOn: event.acceptedOn ?? event.acceptedAt.utcDate),
                in: &change)
            try request.run(
                MessageRequest(
                    occasion: .paymentAccepted, channel: .email, lane: .normal,
                    dedupKey: "payment-accepted/\(event.paymentID)", matter: .payment(event.paymentID),
                    client: event.clientID,
                    clinic: envelope.clinic, facts: try MessageFacts(amount: event.amount).text()),
                in: &change)
        }
    }
}
