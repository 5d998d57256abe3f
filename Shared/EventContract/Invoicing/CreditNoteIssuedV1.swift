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
    /// What is still to be paid on the invoice after it; a refunded part was no longer due.
    package let due: Money?
    /// What had been paid of it and is the client's credit again.
    package let freed: Money?
    /// Which recorded money pays for it no more: of what is freed, or of what a refund gave back.
    package let takenFrom: [TakenPart]?
    /// Day of its issue at the clinic; absent in what was told before it was known.
    package let issuedOn: LocalDate?
    /// What is credited by rate of tax; absent in what was told before it was.
    package let vat: [InvoiceIssuedV1.VATLine]?

    package init(
        creditNoteID: CreditNoteID, invoiceID: InvoiceID, clientID: ClientID, number: String, total: Money,
        reason: String, due: Money? = nil, freed: Money? = nil, takenFrom: [TakenPart]? = nil,
        issuedOn: LocalDate? = nil, vat: [InvoiceIssuedV1.VATLine]? = nil
    ) {
        self.creditNoteID = creditNoteID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.number = number
        self.total = total
        self.reason = reason
        self.due = due
        self.freed = freed
        self.takenFrom = takenFrom
        self.issuedOn = issuedOn
        self.vat = vat
    }

    /// A part of recorded money that had been counted for the invoice.
    package struct TakenPart: Codable, Sendable, Equatable {
        package let paymentOnAccountID: PaymentOnAccountID
        package let amount: Money

        package init(paymentOnAccountID: PaymentOnAccountID, amount: Money) {
            self.paymentOnAccountID = paymentOnAccountID
            self.amount = amount
        }
    }
}
