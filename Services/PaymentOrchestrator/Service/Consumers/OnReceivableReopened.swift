import EventContract
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Something is owed again, on an invoice or without one, so that it may be paid again.
struct OnReceivableReopened: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(ReceivableReopenedV1.self) { event, envelope, change in
            guard let debt = Debt(invoice: event.invoiceID, receivable: event.receivableID) else { return }
            try keep.run(
                KeepReceivable.Owed(debt: debt, client: event.clientID, due: event.due), at: envelope.clinic,
                in: &change)
        }
    }
}
