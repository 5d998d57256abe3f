/// Where money can be transferred to.
package struct BankAccount: Hashable, Sendable, Codable {
    /// Capitals and digits without spaces (ISO 13616).
    package let iban: String
    /// Its bank's code (ISO 9362).
    package let bic: String?

    package init(iban: String, bic: String?) {
        self.iban = iban
        self.bic = bic
    }

    /// A BIC in capitals: eight characters, or eleven with a branch; nil when it is none.
    package static func bic(_ text: String) -> String? {
        let bytes = Array(text.uppercased().utf8)
        guard [8, 11].contains(bytes.count), bytes[..<6].allSatisfy(isLetter),
            bytes[6...].allSatisfy({ isLetter($0) || isDigit($0) })
        else { return nil }
        return text.uppercased()
    }

    /// As a page says it: the IBAN in groups of four, then the BIC.
    package var text: String {
        let groups = iban.enumerated().map { index, character in
            index > 0 && index.isMultiple(of: 4) ? "\u{A0}\(character)" : "\(character)"
        }
        return "IBAN\u{A0}\(groups.joined())" + (bic.map { " – BIC\u{A0}\($0)" } ?? "")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
