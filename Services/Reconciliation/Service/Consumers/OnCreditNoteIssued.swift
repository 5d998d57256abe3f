import EventContract
import TransactionalMessaging

/// A credit note took something off an invoice, and what had paid it is free or went back (REC-5, REC-8).
struct OnCreditNoteIssued {
    let count: CountVATReceipts
    let standings = InvoiceStandingStore()

    var subscription: Subscription {
        .on(CreditNoteIssuedV1.self) { event, envelope, change in
            try standings.note(event, in: &change)
            guard event.takenFrom != nil || event.vat != nil else { return }
            let day = try event.issuedOn ?? count.clinics.day(of: envelope.time, at: envelope.clinic, in: &change)
            try count.receipts.keep(event.vat ?? [], of: event.creditNoteID, on: event.invoiceID, day, in: &change)
            for part in event.takenFrom ?? [] {
                try count.takeOff(
                    .init(allocations: [.init(invoiceID: event.invoiceID, amount: part.amount)], receivables: []),
                    of: part.paymentOnAccountID, on: day, in: &change)
            }
        }
    }
}
