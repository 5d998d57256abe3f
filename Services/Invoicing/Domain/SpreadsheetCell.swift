/// Text in a cell of a file for spreadsheets, which run what looks like a formula.
enum SpreadsheetCell {
    private static let signs = "=+-@\t\r\n".unicodeScalars

    /// A text a spreadsheet would run is kept from it by an apostrophe; a number is left alone.
    static func disarmed(_ text: String) -> String {
        let isNumber = text.first == "-" && text.dropFirst().allSatisfy { $0.isNumber || $0 == "," || $0 == "." }
        return isFormula(text) && !isNumber ? "'" + text : text
    }

    /// The text that was kept so.
    static func armed(_ text: String) -> String {
        text.first == "'" && isFormula(String(text.dropFirst())) ? String(text.dropFirst()) : text
    }

    private static func isFormula(_ text: String) -> Bool {
        text.unicodeScalars.first.map { signs.contains($0) } ?? false
    }
}
