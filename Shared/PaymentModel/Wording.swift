/// How people write amounts and dates in their language (GEN-5).
package enum Wording {
    /// `1 234,56 €` or `€1,234.56`; the French spaces are narrow and unbreakable.
    package static func amount(_ money: Money, in language: Language) -> String {
        let french = language == .french
        let plain = money.decimalText(separator: french ? "," : ".")
        let grouped = group(plain, by: french ? "\u{202F}" : ",", decimal: french ? "," : ".")
        let symbol = money.currency == .eur ? "€" : money.currency.code
        return french ? "\(grouped)\u{202F}\(symbol)" : "\(symbol)\(grouped)"
    }

    /// A number of so many decimals without the zeros behind it, down to `atLeast`: `1,5`, `12,00`.
    package static func decimal(
        _ scaled: Int64, digits: Int, atLeast: Int, in language: Language
    ) -> String {
        let french = language == .french
        let mark = french ? "," : "."
        var text = FixedPoint.text(scaled, digits: digits, separator: mark)
        var spare = digits - atLeast
        while spare > 0, text.last == "0" {
            text.removeLast()
            spare -= 1
        }
        if text.hasSuffix(mark) { text.removeLast() }
        return group(text, by: french ? "\u{202F}" : ",", decimal: french ? "," : ".")
    }

    /// How many of something there are; French sets thousands apart where there are ten of them or more.
    package static func count(_ count: Int, in language: Language) -> String {
        language == .french && count.magnitude >= 10_000 ? group("\(count)", by: "\u{202F}", decimal: ",") : "\(count)"
    }

    /// Between a word and what it announces; the French space does not break.
    package static func colon(in language: Language) -> String { language == .french ? "\u{A0}: " : ": " }

    /// `20/11/2026`, which both languages understand.
    package static func date(_ day: LocalDate) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(day.day))/\(two(day.month))/\(day.year)"
    }

    private static func group(_ text: String, by separator: String, decimal: Character) -> String {
        let sign = text.hasPrefix("-") ? "-" : ""
        let parts = text.drop { $0 == "-" }.split(separator: decimal, omittingEmptySubsequences: false)
        guard let whole = parts.first else { return text }
        var grouped = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index).isMultiple(of: 3) { grouped += separator }
            grouped.append(digit)
        }
        return sign + grouped + (parts.count > 1 ? String(decimal) + parts[1] : "")
    }
}
