package import PaymentModel

/// An invoice was paid in full.
package struct InvoicePaidV1: EventPayload {
    package static let type = EventType(.invoicing, "invoice-paid", version: 1)

    /// The invoice.
    package let invoiceID: InvoiceID
    /// Whose invoice it is.
    package let clientID: ClientID
    /// What was to be paid.
    package let total: Money
    /// Day on which nothing more was due.
    package let paidOn: LocalDate
    /// The online payment that paid the last of it, when one did.
    package let paymentID: PaymentID?

    package init(
        invoiceID: InvoiceID, clientID: ClientID, total: Money, paidOn: LocalDate, paymentID: PaymentID? = nil
    ) {
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.total = total
        self.paidOn = paidOn
        self.paymentID = paymentID
    }
}
