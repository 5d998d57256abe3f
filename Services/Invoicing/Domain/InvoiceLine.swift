package import PaymentModel

/// One thing billed.
package struct InvoiceLine: Hashable, Sendable {
    package let label: String
    package let quantity: Quantity
    package let unitPrice: UnitPrice
    package let vatRate: BasisPoints

    package init(label: String, quantity: Quantity, unitPrice: UnitPrice, vatRate: BasisPoints) {
        self.label = label
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.vatRate = vatRate
    }

    /// The line's amount excluding VAT.
    package func net(in currency: Currency) throws(MoneyError) -> Money {
        try unitPrice.amount(of: quantity, in: currency)
    }
}
