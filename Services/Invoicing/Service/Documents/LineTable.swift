import InvoicingDomain
import PageWriter
import PaymentModel

/// The lines of a document as a table.
struct LineTable {
    let table: TextTable
    private let words: DocumentWords
    /// Whether any line has a discount of its own; without one the column is the label's.
    private let hasDiscounts: Bool

    init(_ document: IssuedDocument, words: DocumentWords, look: DocumentLook) {
        self.words = words
        hasDiscounts = document.lines.contains { $0.discount?.isPositive == true }
        let titles =
            [words.quantity, words.unitPrice] + (hasDiscounts ? [words.discount] : []) + [words.rate, words.net]
        let quantity = document.lines.contains { $0.unit != nil } ? 60.0 : 40
        let widths = [quantity] + (hasDiscounts ? [62, 58, 44, 72] : [66, 44, 76])
        let label = TextTable.Column(
            title: words.label, width: PageFrame.width - widths.reduce(0, +), alignment: .left)
        let numbers = zip(titles, widths).map { TextTable.Column(title: $0, width: $1, alignment: .right) }
        table = TextTable([label] + numbers, look: look, left: PageFrame.left)
    }

    func rows(of lines: [IssuedDocument.Line], on page: PageDrawing) -> [TextTable.Row] {
        lines.map { line in
            let discount = line.discount.flatMap { $0.isPositive ? "-" + words.amount($0) : nil } ?? ""
            let cells =
                [words.label(of: line), words.quantity(of: line), words.price(line.unitPriceTenThousandths)]
                + (hasDiscounts ? [discount] : []) + [words.percentage(line.rate), words.amount(line.net)]
            return table.row(cells, on: page)
        }
    }
}
