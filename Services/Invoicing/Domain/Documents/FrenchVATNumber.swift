/// The VAT number of a French company: FR, a key of two characters, nine digits.
package enum FrenchVATNumber {
    /// Whether the key fits the digits.
    ///
    /// True of another country's number, and of a key with letters, which is not checked.
    package static func holds(_ text: String) -> Bool {
        guard text.hasPrefix("FR") else { return true }
        let (key, digits) = (text.dropFirst(2).prefix(2), text.dropFirst(4))
        guard digits.count == 9, let number = Int(digits) else { return false }
        return Int(key).map { $0 == (12 + 3 * (number % 97)) % 97 } ?? true
    }
}

/// The VAT number of a company of any country.
package enum VATNumber {
    /// Whether it is a country's two letters, and capitals or digits behind them.
    package static func isPlain(_ text: String) -> Bool {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) }
        return isPlain && (6...14).contains(text.count) && text.prefix(2).allSatisfy(\.isLetter)
    }
}
