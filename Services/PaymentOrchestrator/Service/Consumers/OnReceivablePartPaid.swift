import EventContract
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Something else is owed than before, without an invoice; the money that did it is counted.
struct OnReceivablePartPaid: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(ReceivablePartPaidV1.self) { event, envelope, change in
            try keep.run(
                KeepReceivable.Owed(
                    debt: .receivable(event.receivableID), client: event.clientID, due: event.due),
                at: envelope.clinic, in: &change)
            try keep.count(event.paymentID, of: .receivable(event.receivableID), in: &change)
        }
    }
}
