package import PaymentModel

/// How much of a thing a line bills, in thousandths: 1.5 kg is 1500.
package struct Quantity: Hashable, Sendable {
    /// More than any clinic bills on one line; it keeps every product of a line inside 128 bits.
    package static let thousandthsMax: Int64 = 1_000_000_000

    package let thousandths: Int64

    /// Nil when it is not above zero or above the maximum.
    package init?(thousandths: Int64) {
        guard (1...Quantity.thousandthsMax).contains(thousandths) else { return nil }
        self.thousandths = thousandths
    }
}

/// The price of one unit excluding VAT, in ten-thousandths of the currency's main unit: 42.00 EUR is 420000.
package struct UnitPrice: Hashable, Sendable {
    package static let tenThousandthsMax: Int64 = 1_000_000_000_000

    package let tenThousandths: Int64

    /// Nil when it is negative or above the maximum; a free line costs zero.
    package init?(tenThousandths: Int64) {
        guard (0...UnitPrice.tenThousandthsMax).contains(tenThousandths) else { return nil }
        self.tenThousandths = tenThousandths
    }

    /// The price of `quantity` units, rounded half up to the minor unit.
    package func amount(of quantity: Quantity, in currency: Currency) throws(MoneyError) -> Money {
        // Price × quantity has seven decimals too many; the currency's own digits give some back.
        let product = Int128(tenThousandths) * Int128(quantity.thousandths)
        let divisor = power(of: 10, 7 - currency.minorDigits)
        guard let minorUnits = Int64(exactly: (product + divisor / 2) / divisor) else { throw .overflow }
        return Money(minorUnits, currency)
    }
}

private func power(of base: Int128, _ exponent: Int) -> Int128 {
    (0..<exponent).reduce(1) { value, _ in value * base }
}

extension Quantity {
    /// One unit.
    package static let one = Quantity(valid: 1_000)

    private init(valid thousandths: Int64) { self.thousandths = thousandths }
}

extension UnitPrice {
    /// Nothing.
    package static let free = UnitPrice(valid: 0)

    private init(valid tenThousandths: Int64) { self.tenThousandths = tenThousandths }
}
