import InvoicingDomain
import PageWriter
import PaymentModel

/// What follows the lines: VAT by rate, totals, how to pay.
struct ClosingBlock {
    private let document: IssuedDocument
    private let look: DocumentLook
    private let words: DocumentWords
    private let payLink: String?
    private let left: Double
    private let width: Double

    private let totalsWidth = 220.0
    private let rowHeight = 16.0
    private let payHeight = 108.0
    private let agreementHeight = 84.0

    init(
        _ document: IssuedDocument, look: DocumentLook, words: DocumentWords, payLink: String?, left: Double,
        width: Double
    ) {
        self.document = document
        self.look = look
        self.words = words
        self.payLink = document.kind.isBill ? payLink : nil
        self.left = left
        self.width = width
    }

    func height(on page: PageDrawing) -> Double {
        let totals = Double(sums.count) * rowHeight + 34
        let last = document.kind == .quote ? agreementHeight + 16 : payLink == nil ? 0 : payHeight + 16
        return max(totals, vatHeight(on: page)) + remarksHeight(on: page) + last
    }

    func draw(at top: Double, on page: PageDrawing) throws(PageError) {
        var y = top
        for remark in remarks {
            y += page.text(remark, TextStyle(9), at: Point(left, y), width: width).height + 10
        }
        drawVAT(at: y, on: page)
        let end = max(drawTotals(at: y, on: page), y + vatHeight(on: page)) + 16
        if let payLink { try drawPayment(payLink, at: end, on: page) }
        if document.kind == .quote { drawAgreement(at: end, on: page) }
    }

    private var remarks: [String] {
        let reason = document.reason.map { words.reason + words.colon + words.reason(of: $0) }
        return [document.notes, reason].compactMap { $0?.onOneLine }
    }

    private func vatHeight(on page: PageDrawing) -> Double {
        exemptions.reduce(Double(document.vat.shares.count + 1) * rowHeight) {
            $0 + page.measure($1, TextStyle(8), width: exemptionWidth).height + 3
        }
    }

    /// Why what bears no VAT bears none; the seller's own reason is in the foot.
    private var exemptions: [String] { document.exemptions.map(\.onOneLine) }

    /// What the totals leave.
    private var exemptionWidth: Double { width - totalsWidth - 14 }

    private func remarksHeight(on page: PageDrawing) -> Double {
        remarks.reduce(0) { $0 + page.measure($1, TextStyle(9), width: width).height + 10 }
    }

    private var sums: [(String, String)] {
        let vat = document.vat
        let allowances = document.allowances.reduce(0) { $0 + $1.amount.minorUnits }
        let discount = Money(allowances, document.currency)
        let rows = allowances > 0 ? [(words.discount, "-" + words.amount(discount))] : []
        return rows + [(words.totalNet, words.amount(vat.net)), (words.totalVAT, words.amount(vat.vat))]
    }
}

// MARK: Amounts

extension ClosingBlock {
    private func drawVAT(at top: Double, on page: PageDrawing) {
        let columns = [(0.0, 60.0), (60.0, 85.0), (145.0, 85.0)]
        let heads = [words.vatRate, words.base, words.vatAmount]
        var y = top
        for ((x, width), head) in zip(columns, heads) {
            page.text(
                head, TextStyle(8, bold: true, colour: .grey, alignment: x == 0 ? .left : .right),
                at: Point(left + x, y), width: width)
        }
        y += rowHeight
        for share in document.vat.shares {
            let cells = [words.percentage(share.rate), words.amount(share.base), words.amount(share.vat)]
            for ((x, width), cell) in zip(columns, cells) {
                page.text(
                    cell, TextStyle(8.5, alignment: x == 0 ? .left : .right), at: Point(left + x, y), width: width)
            }
            y += rowHeight
        }
        for text in exemptions {
            y += page.text(text, TextStyle(8), at: Point(left, y), width: exemptionWidth).height + 3
        }
    }

    private func drawTotals(at top: Double, on page: PageDrawing) -> Double {
        let x = left + width - totalsWidth
        var y = top
        for (name, amount) in sums {
            page.text(name, TextStyle(9), at: Point(x + 10, y), width: totalsWidth - 20)
            page.text(amount, TextStyle(9, alignment: .right), at: Point(x + 10, y), width: totalsWidth - 20)
            y += rowHeight
        }
        y += 4
        page.fill(Rectangle(x, y, totalsWidth, 30), look.colour, radius: 4)
        let style = TextStyle(11, bold: true, colour: look.colour.readable)
        page.text(words.total(document.kind), style, at: Point(x + 10, y + 8), width: totalsWidth - 20)
        page.text(
            words.amount(document.vat.total), style.aligned(.right), at: Point(x + 10, y + 8), width: totalsWidth - 20)
        return y + 30
    }
}

// MARK: Paying and agreeing

extension ClosingBlock {
    /// Where the client signs an offer.
    private func drawAgreement(at top: Double, on page: PageDrawing) {
        page.fill(Rectangle(left, top, width, agreementHeight), Colour(0xF4, 0xF6, 0xF8), radius: 6)
        page.text(words.agreed, TextStyle(9), at: Point(left + 14, top + 12), width: width - 28)
    }

    private func drawPayment(_ link: String, at top: Double, on page: PageDrawing) throws(PageError) {
        page.fill(Rectangle(left, top, width, payHeight), Colour(0xF4, 0xF6, 0xF8), radius: 6)
        let symbol = try QRSymbol(link)
        let side = 76.0
        // The quiet zone of four modules around the code is white (ISO/IEC 18004, 9.1).
        page.fill(Rectangle(left + 14, top + 10, side + 12, side + 12), .white, radius: 3)
        page.code(symbol, at: Point(left + 20, top + 16), side: side)
        let x = left + 124
        page.text(words.credit, TextStyle(9), at: Point(x, top + 16), width: width - 140)
        try page.link(to: link) {
            page.fill(Rectangle(x, top + 36, 150, 28), look.colour, radius: 5)
            page.text(
                words.payOnline, TextStyle(11, bold: true, colour: look.colour.readable, alignment: .centre),
                at: Point(x, top + 43), width: 150)
        }
        page.text(words.scan, .small, at: Point(x, top + 72), width: width - 140)
        page.text(link, .small, at: Point(x, top + 84), width: width - 140)
    }
}
