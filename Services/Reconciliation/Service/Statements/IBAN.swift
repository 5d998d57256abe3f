/// Numbers of bank accounts.
enum IBAN {
    /// The number without spaces, in capitals.
    static func plain(_ text: String) -> String { text.filter { $0 != " " }.uppercased() }

    /// The plain number; nil when its check digits say that a person mistyped it (ISO 13616).
    static func checked(_ text: String) -> String? {
        let iban = plain(text)
        let bytes = Array(iban.utf8)
        guard (15...34).contains(bytes.count), bytes.prefix(2).allSatisfy({ (65...90).contains($0) }),
            bytes[2...3].allSatisfy({ (48...57).contains($0) })
        else { return nil }
        var remainder = 0
        for byte in bytes[4...] + bytes[..<4] {
            switch byte {
            case 48...57: remainder = (remainder * 10 + Int(byte) - 48) % 97
            case 65...90: remainder = (remainder * 100 + Int(byte) - 55) % 97
            default: return nil
            }
        }
        return remainder == 1 ? iban : nil
    }
}
