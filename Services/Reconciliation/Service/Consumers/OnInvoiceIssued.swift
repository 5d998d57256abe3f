import EventContract
import TransactionalMessaging

/// Keeps the number of each invoice, which is what people look for on the fee screen, its quote and its rates of VAT.
struct OnInvoiceIssued {
    let receipts: VATReceiptStore
    let expectations = ExpectationStore()

    var subscription: Subscription {
        .on(InvoiceIssuedV1.self) { event, envelope, change in
            expectations.keep(event, at: envelope.clinic, in: &change)
            try receipts.keep(event.vat, of: event.invoiceID, in: &change)
        }
    }
}
