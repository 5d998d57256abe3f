import EventContract
import PaymentModel
import TransactionalMessaging

/// An online payment went through: the money is recorded and counted for its invoice, or waits (INV-13).
struct OnPaymentAccepted {
    let take: TakeOnlinePayment
    let organisations = OrganisationStore()

    var subscription: Subscription {
        .on(PaymentAcceptedV1.self) { event, envelope, change in
            try take.run(
                RecordPayment.Received(
                    client: event.clientID, clinic: envelope.clinic, amount: event.amount,
                    method: event.provider.rawValue, payment: event.paymentID,
                    on: try event.acceptedOn
                        ?? organisations.day(of: event.acceptedAt, at: envelope.clinic, in: &change),
                    invoice: event.invoiceID, isHeld: event.disposition == .heldForClient),
                in: &change)
        }
    }
}
