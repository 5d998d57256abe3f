import InvoicingDomain
import PageWriter
import PaymentModel

/// The lines of a document as a table that may go over pages.
struct LineTable {
    struct Row {
        let line: IssuedDocument.Line
        let height: Double
    }

    private struct Column {
        let x: Double
        let width: Double
        let alignment: TextStyle.Alignment
    }

    static let headHeight = 22.0
    private static let padding = 5.0

    private let words: DocumentWords
    private let look: DocumentLook
    private let columns: [Column]
    private let left: Double
    private let width: Double
    /// Whether any line has a discount of its own; without one the column is the label's.
    private let hasDiscounts: Bool

    init(_ document: IssuedDocument, words: DocumentWords, look: DocumentLook, left: Double, width: Double) {
        self.words = words
        self.look = look
        self.left = left
        self.width = width
        hasDiscounts = document.lines.contains { $0.discount?.isPositive == true }
        let widths = hasDiscounts ? [40.0, 62, 58, 44, 72] : [40.0, 66, 44, 76]
        let label = Column(x: left, width: width - widths.reduce(0, +), alignment: .left)
        var columns = [label]
        for width in widths {
            let last = columns[columns.count - 1]
            columns.append(Column(x: last.x + last.width, width: width, alignment: .right))
        }
        self.columns = columns
    }

    /// How high each line is once its text is broken.
    func rows(of lines: [IssuedDocument.Line], on page: PageDrawing) -> [Row] {
        lines.map { line in
            let height = page.measure(line.label, .cell, width: columns[0].width - 2 * Self.padding).height
            return Row(line: line, height: height + 2 * Self.padding)
        }
    }

    func drawHead(at y: Double, on page: PageDrawing) {
        page.fill(Rectangle(left, y, width, Self.headHeight), look.colour, radius: 2)
        let titles = [words.label, words.quantity, words.unitPrice] + (hasDiscounts ? [words.discount] : [])
        let style = TextStyle(8, bold: true, colour: look.colour.readable)
        set(titles + [words.rate, words.net], style, at: y + 6, on: page)
    }

    func draw(_ row: Row, at y: Double, on page: PageDrawing) {
        let line = row.line
        let discount = line.discount.flatMap { $0.isPositive ? "-" + words.amount($0) : nil } ?? ""
        let cells =
            [line.label, words.quantity(line.thousandths), words.price(line.unitPriceTenThousandths)]
            + (hasDiscounts ? [discount] : []) + [words.percentage(line.rate), words.amount(line.net)]
        set(cells, .cell, at: y + Self.padding, on: page)
        page.line(from: Point(left, y + row.height), to: Point(left + width, y + row.height))
    }

    private func set(_ cells: [String], _ style: TextStyle, at y: Double, on page: PageDrawing) {
        for (cell, column) in zip(cells, columns) {
            page.text(
                cell, style.aligned(column.alignment), at: Point(column.x + Self.padding, y),
                width: column.width - 2 * Self.padding)
        }
    }
}

extension TextStyle {
    /// Text of tables.
    static let cell = TextStyle(9)
    /// Text beside tables.
    static let small = TextStyle(8, colour: .grey)
}
