import EventContract
import PaymentOrchestratorDomain
import TransactionalMessaging

/// What is owed without an invoice was said otherwise: it is more or less, or nothing.
struct OnReceivableCorrected: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(ReceivableCorrectedV1.self) { event, envelope, change in
            try keep.run(
                KeepReceivable.Owed(
                    debt: .receivable(event.receivableID), client: event.clientID, due: event.amount),
                at: envelope.clinic, in: &change)
        }
    }
}
