/// The number of a bank account (ISO 13616).
package enum IBAN {
    /// Why a text is none.
    package enum Fault: Hashable, Sendable {
        /// It is not two letters, two digits, then letters and digits.
        case form
        /// Those of its country have another length.
        case length(Int, of: String, insteadOf: Int)
        /// Its check digits do not fit the rest.
        case checkDigits
    }

    /// Most characters of one as people write it, in groups of four.
    package static let textMax = 42

    /// How long those of which countries are, as ISO's registry has them; any other has 15 to 34 characters.
    private static let countries = [
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    ]
    private static let lengths: [String: Int] = Dictionary(
        uniqueKeysWithValues: countries.flatMap { length, codes in
            codes.split(separator: " ").map { (String($0), length) }
        })

    /// How many characters those of a country have; nil where that is not known.
    package static func length(of country: String) -> Int? { lengths[country] }

    /// A text in capitals and without the spaces people group it by.
    package static func plain(_ text: String) -> String {
        text.filter { $0 != " " && $0 != "\u{A0}" && $0 != "\u{202F}" }.uppercased()
    }

    /// A plain number; nil when the text is none.
    package static func checked(_ text: String) -> String? { fault(in: text) == nil ? plain(text) : nil }

    /// Why a text is none, however it is grouped; nil when it is one.
    package static func fault(in text: String) -> Fault? {
        let number = plain(text)
        let bytes = Array(number.utf8)
        guard bytes.count >= 4, bytes[..<2].allSatisfy(isLetter), bytes[2..<4].allSatisfy(isDigit),
            bytes[4...].allSatisfy({ isLetter($0) || isDigit($0) })
        else { return .form }
        let country = String(number.prefix(2))
        if let length = lengths[country] {
            guard bytes.count == length else { return .length(bytes.count, of: country, insteadOf: length) }
        } else if !(15...34).contains(bytes.count) {
            return .form
        }
        return remainder(of: bytes[4...] + bytes[..<4]) == 1 ? nil : .checkDigits
    }

    /// Of the number that is read with two digits for a letter, A as 10, when it is divided by 97.
    private static func remainder(of bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { remainder, byte in
            isDigit(byte) ? (remainder * 10 + Int(byte) - 48) % 97 : (remainder * 100 + Int(byte) - 55) % 97
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
