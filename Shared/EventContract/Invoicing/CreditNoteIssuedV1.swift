package import PaymentModel

/// A credit note corrected an issued invoice.
package struct CreditNoteIssuedV1: EventPayload {
    package static let type = EventType(.invoicing, "credit-note-issued", version: 1)

    /// The credit note.
    package let creditNoteID: CreditNoteID
    /// The invoice.
    package let invoiceID: InvoiceID
    /// Whose invoice it is.
    package let clientID: ClientID
    /// Its number in the clinic's gap-free series.
    package let number: String
    /// What is credited, tax included.
    package let total: Money
    /// Why, as a code.
    package let reason: String

    package init(
        creditNoteID: CreditNoteID, invoiceID: InvoiceID, clientID: ClientID, number: String, total: Money,
        reason: String
    ) {
        self.creditNoteID = creditNoteID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.number = number
        self.total = total
        self.reason = reason
    }
}
