import InvoicingDomain
import PageWriter
import PaymentModel

/// What all pages of a chain have: its name or logo, both parties, and who it is by law at the foot.
struct PageFrame {
    /// Where content begins: below both parties, or below the line that names the document again.
    static let firstTop = 286.0
    static let otherTop = 96.0
    static let left = 48.0
    static let width = Size.a4.width - 2 * left
    static let footTop = Size.a4.height - 78

    let look: DocumentLook
    let parties: IssuedDocument.Parties
    /// In large letters, and what follows it on the other pages.
    let title: String
    let reference: String
    /// Below the title, one on each line.
    let facts: [String]
    /// Above the party.
    let partyTitle: String
    /// Below who the seller is by law.
    let legal: String

    func drawHead(isFirst: Bool, on page: PageDrawing) throws(PageError) {
        let (left, width) = (Self.left, Self.width)
        page.fill(Rectangle(0, 0, Size.a4.width, 8), look.colour)
        guard isFirst else {
            page.text(parties.seller.name, TextStyle(10, bold: true, colour: look.colour), at: Point(left, 44))
            page.text(
                "\(title) \(reference)", TextStyle(10, alignment: .right), at: Point(left, 44), width: width)
            return
        }
        if let logo = look.logo {
            page.picture(try PNGPicture(logo), in: Rectangle(left, 36, 170, 58))
        } else {
            page.text(
                parties.seller.name, TextStyle(19, bold: true, colour: look.colour), at: Point(left, 40), width: 250)
        }
        page.text(title, TextStyle(22, bold: true, alignment: .right), at: Point(left, 36), width: width)
        let right = TextStyle(9, colour: .grey, alignment: .right)
        var y = 68.0
        for fact in facts { y += page.text(fact, right, at: Point(left, y), width: width).height + 2 }
        drawParties(on: page)
    }

    private func drawParties(on page: PageDrawing) {
        let (seller, buyer) = (parties.seller, parties.buyer)
        var lines = [parties.establishment == seller.name ? nil : parties.establishment, seller.name]
        lines += [seller.address.street, seller.address.place, seller.phone, seller.email]
        draw(lines.compactMap(\.self), at: Point(Self.left, 128), width: 230, on: page)
        let x = Self.left + Self.width - 236
        page.fill(Rectangle(x, 160, 236, 104), Colour(0xF4, 0xF6, 0xF8), radius: 4)
        page.text(partyTitle, TextStyle(8, bold: true, colour: look.colour), at: Point(x + 14, 172))
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

    func drawFoot(_ pageNumber: String, on page: PageDrawing) {
        let (left, width, top) = (Self.left, Self.width, Self.footTop)
        page.line(from: Point(left, top), to: Point(left + width, top))
        let style = TextStyle(7, colour: .grey)
        var y = top + 6
        let identity = [parties.seller.name, parties.seller.identity].compactMap(\.self).joined(separator: " – ")
        y += page.text(identity, style, at: Point(left, y), width: width - 70).height + 2
        page.text(legal, style, at: Point(left, y), width: width - 70)
        page.text(pageNumber, style.aligned(.right), at: Point(left, top + 6), width: width)
    }
}

extension PostalAddress {
    /// Postcode and town, and the country when it is another one.
    fileprivate var place: String? {
        let parts = [postcode, town.isEmpty ? nil : town, country == "FR" ? nil : country].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}
