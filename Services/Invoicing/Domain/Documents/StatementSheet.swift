package import PaymentModel

/// A statement as a file for spreadsheets: for French ones with a byte-order mark, semicolons and commas (C-27).
package struct StatementSheet: Sendable {
    private let statement: Statement
    private let period: (from: LocalDate, to: LocalDate)
    private let words: StatementWords

    package init(_ statement: Statement, from: LocalDate, to: LocalDate, language: Language) {
        self.statement = statement
        period = (from, to)
        words = StatementWords(language: language)
    }

    private var isFrench: Bool { words.language == .french }

    package var text: String {
        var rows = [[words.day, words.kind, words.reference, words.owed, words.paid, words.balance]]
        rows.append([day(period.from), words.balance, "", "", "", decimal(statement.opening)])
        for line in statement.lines {
            let (movement, sides) = (line.movement, line.movement.sides)
            rows.append([
                day(movement.on), words.kind(of: movement), movement.reference, sides.owed.map(decimal) ?? "",
                sides.paid.map(decimal) ?? "", decimal(line.balance),
            ])
        }
        rows.append([day(period.to), words.balance, "", "", "", decimal(statement.closing)])
        let lines = rows.map { $0.map(quoted).joined(separator: isFrench ? ";" : ",") }
        return "\u{FEFF}" + lines.map { $0 + "\r\n" }.joined()
    }

    private func day(_ day: LocalDate) -> String { isFrench ? Wording.date(day) : day.description }

    private func decimal(_ money: Money) -> String { money.decimalText(separator: isFrench ? "," : ".") }

    /// Quoted where it must be; a text a spreadsheet would run as a formula is disarmed, a number is left alone.
    private func quoted(_ cell: String) -> String {
        let special = (isFrench ? ";\"\n\r" : ",\"\n\r").unicodeScalars
        let plain = SpreadsheetCell.disarmed(cell)
        guard plain.unicodeScalars.contains(where: { special.contains($0) }) else { return plain }
        return "\"" + plain.replacing("\"", with: "\"\"") + "\""
    }
}
