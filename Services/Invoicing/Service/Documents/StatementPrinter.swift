import InvoicingDomain
import PageWriter
import PaymentModel

/// A client's statement with what its page needs beside it.
struct PrintableStatement: Sendable {
    let statement: Statement
    let from: LocalDate
    let to: LocalDate
    let parties: IssuedDocument.Parties
    let look: DocumentLook
    /// The client's.
    let language: Language
}

/// Draws a client's statement on A4 pages: opening balance, movements with what is owed after each, closing balance.
struct StatementPrinter {
    let printable: PrintableStatement
    let words: StatementWords

    private static let widths = [72.0, 0, 82, 82, 82]

    /// The pages as a PDF that is not archival yet.
    func pages() throws(PageError) -> [UInt8] {
        let page = try PageDrawing()
        let table = TextTable(columns, look: printable.look, left: PageFrame.left)
        try table.draw(
            rows(of: table, on: page), in: frame, DocumentWords(language: words.language), on: page, closingHeight: 34
        ) { y throws(PageError) in drawClosing(at: y, on: page) }
        return try page.finish()
    }

    private var columns: [TextTable.Column] {
        let titles = [words.day, "\(words.kind) – \(words.reference)", words.owed, words.paid, words.balance]
        return zip(titles, Self.widths).enumerated().map { index, column in
            let width = column.1 > 0 ? column.1 : PageFrame.width - Self.widths.reduce(0, +)
            return TextTable.Column(title: column.0, width: width, alignment: index < 2 ? .left : .right)
        }
    }

    private func rows(of table: TextTable, on page: PageDrawing) -> [TextTable.Row] {
        let statement = printable.statement
        let first = [
            Wording.date(printable.from), words.opening(printable.from), "", "", words.amount(statement.opening),
        ]
        var rows = [table.row(first, bold: true, on: page)]
        if statement.lines.isEmpty {
            rows.append(table.row(["", words.noMovement, "", "", ""], on: page))
        }
        for line in statement.lines {
            let (movement, sides) = (line.movement, line.movement.sides)
            let cells = [
                Wording.date(movement.on), "\(words.kind(of: movement)) – \(movement.reference)",
                sides.owed.map(words.amount) ?? "", sides.paid.map(words.amount) ?? "", words.amount(line.balance),
            ]
            rows.append(table.row(cells, on: page))
        }
        let turnover = statement.turnover
        let last = ["", words.turnover, words.amount(turnover.owed), words.amount(turnover.paid), ""]
        return rows + [table.row(last, bold: true, on: page)]
    }

    private func drawClosing(at y: Double, on page: PageDrawing) {
        let (width, closing) = (300.0, printable.statement.closing)
        let x = PageFrame.left + PageFrame.width - width
        page.fill(Rectangle(x, y, width, 30), printable.look.colour, radius: 4)
        let style = TextStyle(10.5, bold: true, colour: printable.look.colour.readable)
        let name = "\(words.closing(printable.to)) – \(words.meaning(of: closing))"
        page.text(name, style, at: Point(x + 10, y + 8), width: width - 100)
        page.text(words.amount(closing), style.aligned(.right), at: Point(x + 10, y + 8), width: width - 20)
    }

    private var frame: PageFrame {
        let period = words.period(printable.from, printable.to)
        return PageFrame(
            look: printable.look, parties: printable.parties, title: words.title, reference: period, facts: [period],
            partyTitle: words.client, legal: "")
    }
}
