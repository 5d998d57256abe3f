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

    init(_ document: IssuedDocument, look: DocumentLook, language: Language, payLink: String?) {
        self.document = document
        self.look = look
        words = DocumentWords(language: language)
        self.payLink = payLink
    }

    /// The pages as a PDF that is not archival yet.
    func pages() throws(PageError) -> [UInt8] {
        let page = try PageDrawing()
        let lines = LineTable(document, words: words, look: look)
        let closing = ClosingBlock(
            document, look: look, words: words, payLink: payLink, left: PageFrame.left, width: PageFrame.width)
        try lines.table.draw(
            lines.rows(of: document.lines, on: page), in: frame, words, on: page,
            closingHeight: closing.height(on: page)
        ) { y throws(PageError) in try closing.draw(at: y, on: page) }
        return try page.finish()
    }

    private var frame: PageFrame {
        var facts = [
            "\(words.number) \(document.number)", "\(words.issuedOn)\(words.colon)\(Wording.date(document.issuedOn))",
        ]
        if let day = document.dueOn {
            facts.append("\(words.dueOn(document.kind))\(words.colon)\(Wording.date(day))")
        }
        if let day = document.suppliedOnElsewhere {
            facts.append("\(words.suppliedOn)\(words.colon)\(Wording.date(day))")
        }
        if document.kind == .creditNote { facts += document.references.map(words.on) }
        let parties = IssuedDocument.Parties(
            seller: document.seller, buyer: document.buyer, establishment: document.establishment)
        return PageFrame(
            look: look, parties: parties, title: words.title(document.kind), reference: document.number, facts: facts,
            partyTitle: words.party(document.kind),
            legal: LegalNotes(document).foot, transfer: document.payableTo.map(words.transfer),
            delivery: document.delivery.map { (title: words.deliveredTo, place: $0) })
    }
}

extension IssuedDocument {
    /// The day of the sale or service, where no other day on the page is that.
    fileprivate var suppliedOnElsewhere: LocalDate? {
        suppliedOn.flatMap { day in day == issuedOn || references.contains { $0.issuedOn == day } ? nil : day }
    }
}
