/// Why an amount could not be computed.
package enum MoneyError: Error, Hashable, Sendable {
    case overflow
    case currencyMismatch(Currency, Currency)
}

/// An exact amount in the minor unit of its currency.
///
/// Nothing here is a fraction or a floating number, so sums of cents are exact (C-23); what would not fit is an error.
package struct Money: Hashable, Sendable, Codable, CustomStringConvertible {
    package let minorUnits: Int64
    package let currency: Currency

    package init(_ minorUnits: Int64, _ currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    package static func zero(_ currency: Currency) -> Money { Money(0, currency) }

    package static func euros(cents: Int64) -> Money { Money(cents, .eur) }

    package var isZero: Bool { minorUnits == 0 }
    package var isPositive: Bool { minorUnits > 0 }
    package var isNegative: Bool { minorUnits < 0 }
}

// MARK: Coding

extension Money {
    private enum CodingKeys: CodingKey { case minorUnits, currency }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        currency = try container.decode(Currency.self, forKey: .currency)
        do {
            minorUnits = try container.decode(Int64.self, forKey: .minorUnits)
        } catch let error as DecodingError {
            throw error
        } catch {
            // A number beyond 64 bits comes out of the JSON reader without its place; whoever sent it needs the field.
            throw DecodingError.dataCorruptedError(
                forKey: .minorUnits, in: container, debugDescription: "does not fit in 64 bits")
        }
    }
}

// MARK: Arithmetic

extension Money {
    package func adding(_ other: Money) throws(MoneyError) -> Money {
        try same(currencyAs: other)
        return try Money.checked(minorUnits.addingReportingOverflow(other.minorUnits), currency)
    }

    package func subtracting(_ other: Money) throws(MoneyError) -> Money {
        try same(currencyAs: other)
        return try Money.checked(minorUnits.subtractingReportingOverflow(other.minorUnits), currency)
    }

    package func negated() throws(MoneyError) -> Money { try Money.zero(currency).subtracting(self) }

    package func multiplied(by factor: Int64) throws(MoneyError) -> Money {
        try Money.checked(minorUnits.multipliedReportingOverflow(by: factor), currency)
    }

    /// This part of the amount, rounded half up (away from zero) to the minor unit.
    package func share(_ rate: BasisPoints) throws(MoneyError) -> Money {
        let product = Int128(minorUnits) * Int128(rate.value)
        let rounded = (product.magnitude + 5_000) / 10_000
        return try Money(widened: product < 0 ? -Int128(rounded) : Int128(rounded), currency)
    }

    /// The sum, which may overflow at its end only, whatever the order.
    package static func sum(_ amounts: some Sequence<Money>, in currency: Currency) throws(MoneyError) -> Money {
        var total: Int128 = 0
        for amount in amounts {
            try amount.same(currencyAs: .zero(currency))
            total += Int128(amount.minorUnits)
        }
        return try Money(widened: total, currency)
    }

    package func isLess(than other: Money) throws(MoneyError) -> Bool {
        try same(currencyAs: other)
        return minorUnits < other.minorUnits
    }

    init(widened value: Int128, _ currency: Currency) throws(MoneyError) {
        guard let minorUnits = Int64(exactly: value) else { throw .overflow }
        self.init(minorUnits, currency)
    }

    private func same(currencyAs other: Money) throws(MoneyError) {
        guard currency == other.currency else { throw .currencyMismatch(currency, other.currency) }
    }

    private static func checked(
        _ result: (partialValue: Int64, overflow: Bool), _ currency: Currency
    ) throws(MoneyError) -> Money {
        guard !result.overflow else { throw .overflow }
        return Money(result.partialValue, currency)
    }
}

// MARK: Text

extension Money {
    /// For logs and errors, as `129.90 EUR`; what people read is formatted at the edge, by their language.
    package var description: String { "\(decimalText(separator: ".")) \(currency.code)" }

    /// The bare amount with as many digits as the currency has: `129.90`, `1500` (JPY).
    package func decimalText(separator: String) -> String {
        FixedPoint.text(minorUnits, digits: currency.minorDigits, separator: separator)
    }
}
