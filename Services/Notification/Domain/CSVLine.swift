import PaymentModel

/// Writes lines of a table that Excel opens and of which it runs nothing (NOT-5, C-27).
package enum CSVLine {
    /// What the file begins with, so that Excel knows its alphabet.
    package static let mark = "\u{FEFF}"

    /// One line with its end.
    package static func write(_ cells: [String]) -> String { cells.map(cell).joined(separator: ";") + "\r\n" }

    private static func cell(_ text: String) -> String {
        let safe = armoured(text)
        guard safe.unicodeScalars.contains(where: { $0 == ";" || $0 == "\"" || $0 == "\n" || $0 == "\r" }) else {
            return safe
        }
        return "\"" + safe.doublingQuotes + "\""
    }

    /// An apostrophe before what a spreadsheet would run or take for an amount, a phone number's plus sign too.
    package static func armoured(_ text: String) -> String { isDangerous(text.unicodeScalars[...]) ? "'" + text : text }

    /// The text as it was before it was armoured.
    package static func unarmoured(_ text: String) -> String {
        guard text.unicodeScalars.first == "'" else { return text }
        let rest = text.unicodeScalars.dropFirst()
        return isDangerous(rest) ? String(String.UnicodeScalarView(rest)) : text
    }

    /// Behind any apostrophes, so that every text comes back as it was.
    private static func isDangerous(_ text: Substring.UnicodeScalarView) -> Bool {
        guard let first = text.first(where: { $0 != "'" }) else { return false }
        return ["=", "+", "-", "@", "\t", "\r", "\n"].contains(first)
    }
}
