import EventContract
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// An online payment went through: the money is recorded and counted for what it was asked for, or waits (INV-13).
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
                    debt: event.invoiceID.map(Debt.invoice) ?? event.receivableID.map(Debt.receivable),
                    isHeld: event.disposition == .heldForClient),
                in: &change)
        }
    }
}
