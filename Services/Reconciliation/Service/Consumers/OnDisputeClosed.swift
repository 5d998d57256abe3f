import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A dispute ended: the money comes back, or is lost.
struct OnDisputeClosed {
    let count: CountDispute

    var subscription: Subscription {
        .on(DisputeClosedV1.self) { event, _, change in
            // Refuses another currency, whose cents would otherwise be taken from the dispute's.
            _ = try event.chargedBack?.subtracting(event.amount)
            let end =
                switch event.outcome {
                case .lost: Dispute.End(.lost, on: event.closedOn, taken: event.chargedBack ?? event.amount)
                case .won: Dispute.End(.won, on: event.closedOn, taken: .zero(event.amount.currency))
                }
            try count.run(
                Dispute(
                    reference: event.disputeReference, payment: event.paymentID, amount: event.amount,
                    openedOn: event.closedOn, end: end), at: event.provider, in: &change)
        }
    }
}
