package import PaymentModel

/// An invoice became final and payable.
package struct InvoiceIssuedV1: EventPayload {
    package static let type = EventType(.invoicing, "invoice-issued", version: 1)

    /// The invoice.
    package let invoiceID: InvoiceID
    /// Whose invoice it is.
    package let clientID: ClientID
    /// Its number in the clinic's gap-free series.
    package let number: String
    /// Day of issue.
    package let issuedOn: LocalDate
    /// Day by which it is to be paid.
    package let dueOn: LocalDate
    /// What is to be paid, tax included.
    package let total: Money
    /// The total by rate of tax.
    package let vat: [VATLine]
    /// The quote it came from, when it came from one.
    package let quoteID: QuoteID?
    /// False when it must not be paid online; left out otherwise.
    package let payableOnline: Bool?

    package init(
        invoiceID: InvoiceID, clientID: ClientID, number: String, issuedOn: LocalDate, dueOn: LocalDate, total: Money,
        vat: [VATLine], quoteID: QuoteID? = nil, payableOnline: Bool? = nil
    ) {
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.number = number
        self.issuedOn = issuedOn
        self.dueOn = dueOn
        self.total = total
        self.vat = vat
        self.quoteID = quoteID
        self.payableOnline = payableOnline
    }

    /// What one rate of tax makes up of the total.
    package struct VATLine: Codable, Sendable, Equatable {
        package let rate: BasisPoints
        package let base: Money
        package let vat: Money

        package init(rate: BasisPoints, base: Money, vat: Money) {
            self.rate = rate
            self.base = base
            self.vat = vat
        }
    }
}
