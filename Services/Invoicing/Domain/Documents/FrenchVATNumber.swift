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
