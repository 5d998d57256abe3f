package import PaymentModel

/// An invoice was paid in part.
package struct InvoicePartPaidV1: EventPayload {
    package static let type = EventType(.invoicing, "invoice-part-paid", version: 1)

    /// The invoice.
    package let invoiceID: InvoiceID
    /// Whose invoice it is.
    package let clientID: ClientID
    /// What was to be paid.
    package let total: Money
    /// Paid so far.
    package let paid: Money
    /// Still to be paid.
    package let due: Money
    /// The online payment that was counted with it, when one was.
    package let paymentID: PaymentID?

    package init(
        invoiceID: InvoiceID, clientID: ClientID, total: Money, paid: Money, due: Money, paymentID: PaymentID? = nil
    ) {
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.total = total
        self.paid = paid
        self.due = due
        self.paymentID = paymentID
    }
}
