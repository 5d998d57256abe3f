import EventContract
import TransactionalMessaging

/// A payment is disputed: the invoice and the client's account show it.
struct OnDisputeOpened {
    let keep: KeepDispute

    var subscription: Subscription {
        .on(DisputeOpenedV1.self) { event, _, change in
            keep.open(
                DisputeRecord(
                    paymentID: event.paymentID, reference: event.disputeReference, invoiceID: event.invoiceID,
                    amount: event.amount, reason: event.reason, openedOn: event.openedOn, respondBy: event.respondBy),
                in: &change)
        }
    }
}
