package import PaymentModel

/// A statement as a file for spreadsheets.
package struct StatementSheet: Sendable {
    private let statement: Statement
    private let period: (from: LocalDate, to: LocalDate)
    private let words: StatementWords
    private let writer: SheetWriter

    package init(_ statement: Statement, from: LocalDate, to: LocalDate, language: Language) {
        self.statement = statement
        period = (from, to)
        words = StatementWords(language: language)
        writer = SheetWriter(language: language)
    }

    package var text: String {
        var rows = [[words.day, words.kind, words.reference, words.owed, words.paid, words.balance]]
        rows.append([writer.day(period.from), words.balance, "", "", "", writer.decimal(statement.opening)])
        for line in statement.lines {
            let (movement, sides) = (line.movement, line.movement.sides)
            rows.append([
                writer.day(movement.on), words.kind(of: movement), movement.reference,
                sides.owed.map(writer.decimal) ?? "", sides.paid.map(writer.decimal) ?? "",
                writer.decimal(line.balance),
            ])
        }
        rows.append([writer.day(period.to), words.balance, "", "", "", writer.decimal(statement.closing)])
        return SheetWriter.mark + rows.map(writer.line).joined()
    }
}
