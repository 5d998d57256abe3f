package import PaymentModel

/// One thing billed.
package struct InvoiceLine: Hashable, Sendable {
    package let label: String
    package let quantity: Quantity
    /// What the quantity counts; nil where nobody said it, and the data say pieces.
    package let unit: BilledUnit?
    package let unitPrice: UnitPrice
    package let vatRate: BasisPoints
    package let discount: Discount?
    /// Nil is what its seller sells, unless that is both.
    package let nature: Seller.Operations?
    /// Who does what is billed (Code rural R242-49).
    package let practitioner: String?
    /// Why it bears no VAT, such as an article of the CGI, where its seller bills VAT otherwise.
    package let exemption: String?

    package init(
        label: String, quantity: Quantity, unit: BilledUnit? = nil, unitPrice: UnitPrice, vatRate: BasisPoints,
        discount: Discount? = nil, nature: Seller.Operations? = nil, practitioner: String? = nil,
        exemption: String? = nil
    ) {
        self.label = label
        self.quantity = quantity
        self.unit = unit
        self.unitPrice = unitPrice
        self.vatRate = vatRate
        self.discount = discount
        self.nature = nature
        self.practitioner = practitioner
        self.exemption = exemption
    }

    /// The line's amount excluding VAT, before its discount.
    package func gross(in currency: Currency) throws(MoneyError) -> Money {
        try unitPrice.amount(of: quantity, in: currency)
    }

    /// The line's amount excluding VAT.
    package func net(in currency: Currency) throws(MoneyError) -> Money {
        let gross = try gross(in: currency)
        guard let discount else { return gross }
        return try gross.subtracting(discount.off(gross))
    }
}
