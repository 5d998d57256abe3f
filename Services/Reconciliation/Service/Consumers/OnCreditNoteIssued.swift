import EventContract
import TransactionalMessaging

/// A credit note took something off an invoice, and what had paid it is free or went back (REC-5, REC-8).
struct OnCreditNoteIssued {
    let count: CountVATReceipts
    let standings = InvoiceStandingStore()

    var subscription: Subscription {
        .on(CreditNoteIssuedV1.self) { event, envelope, change in
            try standings.note(event, in: &change)
            guard let taken = event.takenFrom else { return }
            let day = try event.issuedOn ?? count.clinics.day(of: envelope.time, at: envelope.clinic, in: &change)
            for part in taken {
                try count.takeOff(
                    .init(allocations: [.init(invoiceID: event.invoiceID, amount: part.amount)], receivables: []),
                    of: part.paymentOnAccountID, on: day, in: &change)
            }
        }
    }
}
