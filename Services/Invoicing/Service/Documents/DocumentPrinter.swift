import InvoicingDomain
import PageWriter
import PaymentModel

/// Draws an issued document on A4 pages.
///
/// First everything is measured and given its page, since a page says how many there are; then it is drawn.
struct DocumentPrinter {
    let document: IssuedDocument
    let look: DocumentLook
    let words: DocumentWords
    /// Where the client can pay; nil leaves the button out.
    let payLink: String?

    /// Where the table begins: below both parties, or below the line that names the document again.
    private static let firstTop = 286.0
    private static let otherTop = 96.0
    private let left = 48.0
    private let width = Size.a4.width - 2 * 48
    private let footTop = Size.a4.height - 78

    init(_ document: IssuedDocument, look: DocumentLook, language: Language, payLink: String?) {
        self.document = document
        self.look = look
        words = DocumentWords(language: language)
        self.payLink = payLink
    }

    /// The pages as a PDF that is not archival yet.
    func pages() throws(PageError) -> [UInt8] {
        let page = try PageDrawing()
        let table = LineTable(document, words: words, look: look, left: left, width: width)
        let rows = table.rows(of: document.lines, on: page)
        let closing = ClosingBlock(document, look: look, words: words, payLink: payLink, left: left, width: width)
        let sheets = Self.paginate(
            rows, first: Self.firstTop, others: Self.otherTop, bottom: footTop - 12, closing: closing.height(on: page))
        for (index, sheet) in sheets.enumerated() {
            if index > 0 { page.nextPage() }
            try drawHead(isFirst: index == 0, on: page)
            var y = index == 0 ? Self.firstTop : Self.otherTop
            if !sheet.isEmpty {
                table.drawHead(at: y, on: page)
                y += LineTable.headHeight
            }
            for row in sheet {
                table.draw(row, at: y, on: page)
                y += row.height
            }
            if index == sheets.count - 1 { try closing.draw(at: y + 14, on: page) }
            drawFoot(number: index + 1, of: sheets.count, on: page)
        }
        return try page.finish()
    }

    /// Rows on pages; the closing block stays whole and takes a page of its own when it must.
    static func paginate(
        _ rows: [LineTable.Row], first: Double, others: Double, bottom: Double, closing: Double
    ) -> [[LineTable.Row]] {
        var sheets: [[LineTable.Row]] = [[]]
        var y = first + LineTable.headHeight
        for row in rows {
            if y + row.height > bottom, sheets.last?.isEmpty == false {
                sheets.append([])
                y = others + LineTable.headHeight
            }
            sheets[sheets.count - 1].append(row)
            y += row.height
        }
        if y + 14 + closing > bottom { sheets.append([]) }
        return sheets
    }
}

// MARK: The head of a page

extension DocumentPrinter {
    private func drawHead(isFirst: Bool, on page: PageDrawing) throws(PageError) {
        page.fill(Rectangle(0, 0, Size.a4.width, 8), look.colour)
        let title = "\(words.title(document.kind)) \(document.number)"
        guard isFirst else {
            page.text(document.seller.name, TextStyle(10, bold: true, colour: look.colour), at: Point(left, 44))
            page.text(title, TextStyle(10, alignment: .right), at: Point(left, 44), width: width)
            return
        }
        if let logo = look.logo {
            page.picture(try PNGPicture(logo), in: Rectangle(left, 36, 170, 58))
        } else {
            page.text(
                document.seller.name, TextStyle(19, bold: true, colour: look.colour), at: Point(left, 40), width: 250)
        }
        let right = TextStyle(9, colour: .grey, alignment: .right)
        page.text(
            words.title(document.kind), TextStyle(22, bold: true, alignment: .right), at: Point(left, 36), width: width)
        var y = 68.0
        var facts = [
            "\(words.number) \(document.number)", "\(words.issuedOn) : \(Wording.date(document.issuedOn))",
        ]
        if let day = document.dueOn { facts.append("\(words.dueOn) : \(Wording.date(day))") }
        if document.kind == .creditNote { facts += document.references.map(words.on) }
        for fact in facts { y += page.text(fact, right, at: Point(left, y), width: width).height + 2 }
        drawParties(on: page)
    }

    private func drawParties(on page: PageDrawing) {
        let seller = document.seller
        var lines = [document.establishment == seller.name ? nil : document.establishment, seller.name]
        lines += [seller.address.street, seller.address.place, seller.phone, seller.email]
        draw(lines.compactMap(\.self), at: Point(left, 128), width: 230, on: page)
        let x = left + width - 236
        page.fill(Rectangle(x, 160, 236, 104), Colour(0xF4, 0xF6, 0xF8), radius: 4)
        page.text(words.billedTo, TextStyle(8, bold: true, colour: look.colour), at: Point(x + 14, 172))
        let buyer = document.buyer
        var party = [buyer.name, buyer.address.street, buyer.address.place]
        party += [buyer.siren.map { "SIREN \($0)" }, buyer.vatNumber.map { "TVA \($0)" }]
        draw(party.compactMap(\.self), at: Point(x + 14, 187), width: 208, on: page)
    }

    /// The first line stands out.
    private func draw(_ lines: [String], at start: Point, width: Double, on page: PageDrawing) {
        var y = start.y
        for (index, line) in lines.enumerated() {
            let style = index == 0 ? TextStyle(10, bold: true) : TextStyle(9)
            y += page.text(line, style, at: Point(start.x, y), width: width).height + 1.5
        }
    }
}

// MARK: The foot of a page

extension DocumentPrinter {
    private func drawFoot(number: Int, of count: Int, on page: PageDrawing) {
        page.line(from: Point(left, footTop), to: Point(left + width, footTop))
        let notes = LegalNotes(document)
        let style = TextStyle(7, colour: .grey)
        var y = footTop + 6
        let identity = [document.seller.name, notes.company].compactMap(\.self).joined(separator: " – ")
        y += page.text(identity, style, at: Point(left, y), width: width - 70).height + 2
        page.text(notes.legal.map(\.text).joined(separator: ". "), style, at: Point(left, y), width: width - 70)
        page.text(
            words.page(number, of: count), style.aligned(.right), at: Point(left, footTop + 6), width: width)
    }
}

extension PostalAddress {
    /// Postcode and town, and the country when it is another one.
    fileprivate var place: String? {
        let parts = [postcode, town.isEmpty ? nil : town, country == "FR" ? nil : country].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}
