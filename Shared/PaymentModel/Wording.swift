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
        let plain = String(scaled.magnitude)
        let padded = String(repeating: "0", count: max(0, digits + 1 - plain.count)) + plain
        var fraction = padded.suffix(digits)
        while fraction.count > atLeast, fraction.last == "0" { fraction.removeLast() }
        let mark = french ? "," : "."
        let whole = (scaled < 0 ? "-" : "") + padded.dropLast(digits)
        let text = fraction.isEmpty ? whole : whole + mark + fraction
        return group(text, by: french ? "\u{202F}" : ",", decimal: french ? "," : ".")
    }

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
