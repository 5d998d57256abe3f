import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A client disputes a payment: its money is withheld.
struct OnDisputeOpened {
    let count: CountDispute

    var subscription: Subscription {
        .on(DisputeOpenedV1.self) { event, _, change in
            try count.run(
                Dispute(
                    reference: event.disputeReference, payment: event.paymentID, amount: event.amount,
                    openedOn: event.openedOn), at: event.provider, in: &change)
        }
    }
}
