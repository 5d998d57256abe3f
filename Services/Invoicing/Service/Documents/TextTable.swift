import PageWriter

/// A table that may go over pages: a bar with titles, and rows as high as their texts.
struct TextTable {
    struct Column {
        let title: String
        let width: Double
        let alignment: TextStyle.Alignment
    }

    struct Row {
        let cells: [String]
        let height: Double
        let isBold: Bool
    }

    static let headHeight = 22.0
    private static let padding = 5.0
    /// What stands on the right is figures, none of which is wider than this part of its size; no letter is wider than
    /// its size.
    private static let widestFigure = 0.62

    private let columns: [Column]
    private let look: DocumentLook
    private let left: Double

    init(_ columns: [Column], look: DocumentLook, left: Double) {
        self.columns = columns
        self.look = look
        self.left = left
    }

    private var width: Double { columns.reduce(0) { $0 + $1.width } }

    /// A row, as high as its highest text once that is broken; what is short for sure is not measured.
    func row(_ cells: [String], bold: Bool = false, on page: PageDrawing) -> Row {
        let style = Self.style(bold)
        var height = page.measure("", style).height
        for (cell, column) in zip(cells, columns) {
            let width = column.width - 2 * Self.padding
            let widest = column.alignment == .right ? Self.widestFigure : 1
            let isShort = Double(cell.count) * style.size * widest <= width && !cell.contains(where: \.isNewline)
            guard !isShort else { continue }
            height = max(height, page.measure(cell, style, width: width).height)
        }
        return Row(cells: cells, height: height + 2 * Self.padding, isBold: bold)
    }

    func drawHead(at y: Double, on page: PageDrawing) {
        page.fill(Rectangle(left, y, width, Self.headHeight), look.colour, radius: 2)
        set(columns.map(\.title), TextStyle(8, bold: true, colour: look.colour.readable), at: y + 6, on: page)
    }

    func draw(_ row: Row, at y: Double, on page: PageDrawing) {
        set(row.cells, Self.style(row.isBold), at: y + Self.padding, on: page)
        page.line(from: Point(left, y + row.height), to: Point(left + width, y + row.height))
    }

    private static func style(_ isBold: Bool) -> TextStyle { TextStyle(9, bold: isBold) }

    private func set(_ cells: [String], _ style: TextStyle, at y: Double, on page: PageDrawing) {
        var x = left
        for (cell, column) in zip(cells, columns) {
            if !cell.isEmpty {
                page.text(
                    cell, style.aligned(column.alignment), at: Point(x + Self.padding, y),
                    width: column.width - 2 * Self.padding)
            }
            x += column.width
        }
    }

    /// Rows on pages; what closes the document stays whole and takes a page of its own when it must.
    static func paginate(_ rows: [Row], from top: Double, to bottom: Double, closing: Double) -> [[Row]] {
        var sheets: [[Row]] = [[]]
        var y = top + headHeight
        for row in rows {
            if y + row.height > bottom, sheets.last?.isEmpty == false {
                sheets.append([])
                y = PageFrame.otherTop + headHeight
            }
            sheets[sheets.count - 1].append(row)
            y += row.height
        }
        if y + 14 + closing > bottom { sheets.append([]) }
        return sheets
    }
}

extension TextTable {
    /// Draws rows and what closes the document in its frame; `closing` is drawn below the last row.
    func draw(
        _ rows: [Row], in frame: PageFrame, _ words: DocumentWords, on page: PageDrawing, closingHeight: Double,
        closing: (Double) throws(PageError) -> Void
    ) throws(PageError) {
        let top = frame.firstTop(on: page)
        let sheets = Self.paginate(rows, from: top, to: frame.footTop(on: page) - 12, closing: closingHeight)
        for (index, sheet) in sheets.enumerated() {
            if index > 0 { page.nextPage() }
            try frame.drawHead(isFirst: index == 0, on: page)
            var y = index == 0 ? top : PageFrame.otherTop
            if !sheet.isEmpty {
                drawHead(at: y, on: page)
                y += Self.headHeight
            }
            for row in sheet {
                draw(row, at: y, on: page)
                y += row.height
            }
            if index == sheets.count - 1 { try closing(y + 14) }
            frame.drawFoot(words.page(index + 1, of: sheets.count), on: page)
        }
    }
}

extension TextStyle {
    /// Text beside tables.
    static let small = TextStyle(8, colour: .grey)
}
