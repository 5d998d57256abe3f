import EventContract
import TransactionalMessaging

/// A dispute ended: one that is lost makes due again what the payment had paid.
struct OnDisputeClosed {
    let keep: KeepDispute

    var subscription: Subscription {
        .on(DisputeClosedV1.self) { event, _, change in
            try keep.close(
                DisputeRecord(
                    paymentID: event.paymentID, reference: event.disputeReference, invoiceID: event.invoiceID,
                    amount: event.amount, reason: "", openedOn: event.closedOn, respondBy: nil,
                    outcome: event.outcome.kept, closedOn: event.closedOn, chargedBack: event.chargedBack),
                in: &change)
        }
    }
}

extension DisputeClosedV1.Outcome {
    fileprivate var kept: DisputeRecord.Outcome {
        switch self {
        case .lost: .lost
        case .won: .won
        }
    }
}
