package import PaymentModel

/// A part of a quote is to be paid before the rest.
package struct DepositRequestedV1: EventPayload {
    package static let type = EventType(.invoicing, "deposit-requested", version: 1)

    /// The quote.
    package let quoteID: QuoteID
    /// The invoice of the deposit.
    package let invoiceID: InvoiceID
    /// Who is asked.
    package let clientID: ClientID
    /// How much, tax included.
    package let amount: Money
    /// Day by which it is to be paid.
    package let dueOn: LocalDate
    /// Whether it may be paid online.
    package let payableOnline: Bool

    package init(
        quoteID: QuoteID, invoiceID: InvoiceID, clientID: ClientID, amount: Money, dueOn: LocalDate, payableOnline: Bool
    ) {
        self.quoteID = quoteID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.amount = amount
        self.dueOn = dueOn
        self.payableOnline = payableOnline
    }
}
