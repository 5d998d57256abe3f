import EventContract
import TransactionalMessaging

/// A credit note took something off an invoice.
struct OnCreditNoteIssued {
    let standings = InvoiceStandingStore()

    var subscription: Subscription {
        .on(CreditNoteIssuedV1.self) { event, _, change in try standings.note(event, in: &change) }
    }
}
