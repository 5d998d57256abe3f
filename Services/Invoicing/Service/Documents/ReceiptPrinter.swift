import InvoicingDomain
import PageWriter
import PaymentModel

/// A payment with what its receipt needs beside it.
struct PrintableReceipt: Sendable {
    struct Part: Sendable {
        /// Number of the invoice, or what the receivable is for.
        let title: String
        let amount: Money
    }

    let payment: PaymentOnAccount
    /// What the organisation calls the method; nil where it has none of this code.
    let method: PaymentMethod?
    /// The name of a payer who is not the client.
    let payer: String?
    let parts: [Part]
    let parties: IssuedDocument.Parties
    let look: DocumentLook
    /// The client's.
    let language: Language

    /// What the receipt is called by; money that came online has no number of the till.
    var number: String { payment.receiptNumber ?? "" }
}

/// Draws the receipt (reçu) of a payment on one A4 page (INV-7).
struct ReceiptPrinter {
    let printable: PrintableReceipt
    let words: ReceiptWords

    private let left = PageFrame.left
    private let width = PageFrame.width

    /// The page as a PDF that is not archival yet.
    func pages() throws(PageError) -> [UInt8] {
        let page = try PageDrawing()
        let table = TextTable(
            [
                TextTable.Column(title: words.counted, width: width - 110, alignment: .left),
                TextTable.Column(title: words.amount, width: 110, alignment: .right),
            ], look: printable.look, left: left)
        var rows = printable.parts.map { part in
            table.row([part.title, words.amount(part.amount)], on: page)
        }
        let held = printable.payment.unallocated
        if held.isPositive { rows.append(table.row([words.held, words.amount(held)], on: page)) }
        try table.draw(
            rows, in: frame, DocumentWords(language: words.language), on: page, closingHeight: closingHeight(on: page)
        ) { y throws(PageError) in drawClosing(at: y, on: page) }
        return try page.finish()
    }

    private var frame: PageFrame {
        let payment = printable.payment
        let facts = [
            payment.receiptNumber.map { "\(words.number) \($0)" },
            "\(words.day)\(words.colon)\(Wording.date(payment.receivedOn))",
        ].compactMap(\.self)
        return PageFrame(
            look: printable.look, parties: printable.parties, title: words.title, reference: printable.number,
            facts: facts, partyTitle: words.receivedFrom, legal: "")
    }

    private func closingHeight(on page: PageDrawing) -> Double {
        let lines = details.reduce(0) { $0 + page.measure($1, TextStyle(9), width: width).height + 4 }
        return 44 + lines + (printable.payment.reversal == nil ? 0 : 26)
    }

    /// How it was paid, below the sum.
    private var details: [String] {
        let (payment, till) = (printable.payment, printable.payment.till)
        let method = printable.method?.label(in: words.language) ?? payment.method
        var lines = ["\(words.paidBy)\(words.colon)\(method)"]
        if let cheque = till?.cheque {
            lines.append("\(words.cheque) \([cheque.number, cheque.bank].compactMap(\.self).joined(separator: ", "))")
        }
        if let payer = printable.payer { lines.append("\(words.payer)\(words.colon)\(payer)") }
        if let tendered = till?.tendered, let change = till?.change(of: payment.amount) {
            lines.append("\(words.tendered)\(words.colon)\(words.amount(tendered))")
            lines.append("\(words.change)\(words.colon)\(words.amount(change))")
        }
        if let till { lines.append("\(words.collectedBy)\(words.colon)\(till.collectedBy)") }
        if payment.refunded.isPositive {
            lines.append("\(words.refunded)\(words.colon)\(words.amount(payment.refunded))")
        }
        return lines
    }

    private func drawClosing(at top: Double, on page: PageDrawing) {
        let payment = printable.payment
        page.fill(Rectangle(left, top, width, 32), printable.look.colour, radius: 4)
        let style = TextStyle(12, bold: true, colour: printable.look.colour.readable)
        page.text(words.received, style, at: Point(left + 12, top + 8), width: width - 24)
        page.text(
            words.amount(payment.amount), style.aligned(.right), at: Point(left + 12, top + 8), width: width - 24)
        var y = top + 44
        if let reversal = payment.reversal {
            let reason = words.reason(reversal.reason)
            let void = "\(words.void) \(Wording.date(reversal.on))\(words.colon)\(reason)"
            page.text(void, TextStyle(12, bold: true, colour: Colour(0xB0, 0x1E, 0x1E)), at: Point(left, y))
            y += 26
        }
        for detail in details {
            y += page.text(detail, TextStyle(9), at: Point(left, y), width: width).height + 4
        }
    }
}
