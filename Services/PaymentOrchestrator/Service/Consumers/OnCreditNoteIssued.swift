import EventContract
import PaymentOrchestratorDomain
import TransactionalMessaging

/// An invoice was corrected: less is owed on it, or nothing.
struct OnCreditNoteIssued: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(CreditNoteIssuedV1.self) { event, envelope, change in
            guard let due = event.due else {
                return try keep.reduce(event.invoiceID, by: event.total, in: &change)
            }
            try keep.run(
                KeepReceivable.Owed(debt: .invoice(event.invoiceID), client: event.clientID, due: due),
                at: envelope.clinic, in: &change)
        }
    }
}
