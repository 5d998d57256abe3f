import EventContract
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Something is owed without an invoice, and may be paid from now on.
struct OnReceivableRecorded: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(ReceivableRecordedV1.self) { event, envelope, change in
            try keep.run(
                KeepReceivable.Owed(
                    debt: .receivable(event.receivableID), client: event.clientID, due: event.amount),
                at: envelope.clinic, in: &change)
        }
    }
}
