import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A dispute ended: the money comes back, or is lost.
struct OnDisputeClosed {
    let count: CountDispute

    var subscription: Subscription {
        .on(DisputeClosedV1.self) { event, _, change in
            let outcome: Dispute.Outcome =
                switch event.outcome {
                case .lost: .lost
                case .won: .won
                }
            try count.run(
                Dispute(
                    reference: event.disputeReference, payment: event.paymentID, amount: event.amount,
                    openedOn: event.closedOn, end: Dispute.End(outcome, on: event.closedOn)), at: event.provider,
                in: &change)
        }
    }
}
