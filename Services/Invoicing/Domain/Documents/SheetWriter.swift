package import PaymentModel

/// Lines of a file for spreadsheets: for French ones with semicolons and commas (C-27).
package struct SheetWriter: Sendable {
    package let language: Language

    /// The byte-order mark by which spreadsheets know UTF-8.
    package static let mark = "\u{FEFF}"

    package init(language: Language) { self.language = language }

    private var isFrench: Bool { language == .french }

    package func line(_ cells: [String]) -> String {
        cells.map(quoted).joined(separator: isFrench ? ";" : ",") + "\r\n"
    }

    package func day(_ day: LocalDate) -> String { isFrench ? Wording.date(day) : day.description }

    package func decimal(_ money: Money) -> String { money.decimalText(separator: isFrench ? "," : ".") }

    /// Quoted where it must be; a text a spreadsheet would run as a formula is disarmed, a number is left alone.
    private func quoted(_ cell: String) -> String {
        let special = (isFrench ? ";\"\n\r" : ",\"\n\r").unicodeScalars
        let plain = SpreadsheetCell.disarmed(cell)
        guard plain.unicodeScalars.contains(where: { special.contains($0) }) else { return plain }
        return "\"" + plain.doublingQuotes + "\""
    }
}
