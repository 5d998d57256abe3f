import InvoicingDomain
import PageWriter
import PaymentModel

/// What all pages of a chain have: its name or logo, both parties, and who it is by law at the foot.
struct PageFrame {
    /// Where content begins on the first page, unless the parties take more room.
    private static let firstTopMin = 286.0
    /// Where it begins on the others: below the line that names the document again.
    static let otherTop = 96.0
    static let left = 48.0
    static let width = Size.a4.width - 2 * left

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
    /// Between the two: where to transfer what is asked for.
    var transfer: String?
    /// Below the party, where things go to another place.
    var delivery: (title: String, place: DeliveryPlace)?

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
            page.text(parties.seller.name, nameStyle, at: Point(left, 40), width: Self.nameWidth)
        }
        page.text(title, TextStyle(22, bold: true, alignment: .right), at: Point(left, 36), width: width)
        let right = TextStyle(9, colour: .grey, alignment: .right)
        var y = 68.0
        for fact in facts { y += page.text(fact, right, at: Point(left, y), width: width).height + 2 }
        drawParties(on: page)
    }

    func drawFoot(_ pageNumber: String, on page: PageDrawing) {
        let (left, width, top) = (Self.left, Self.width, footTop(on: page))
        page.line(from: Point(left, top), to: Point(left + width, top))
        var y = top + 6
        for line in footLines {
            y += page.text(line, Self.footStyle, at: Point(left, y), width: Self.footWidth).height + 2
        }
        page.text(pageNumber, Self.footStyle.aligned(.right), at: Point(left, top + 6), width: width)
    }
}

// MARK: The foot

extension PageFrame {
    private static let footHeightMin = 78.0
    private static let footStyle = TextStyle(7, colour: .grey)
    /// What the number of the page leaves.
    private static let footWidth = width - 70

    /// Where content ends: above who the seller is and what the law wants said, however long that is.
    func footTop(on page: PageDrawing) -> Double {
        let lines = footLines.reduce(0.0) {
            $0 + page.measure($1, Self.footStyle, width: Self.footWidth).height + 2
        }
        return Size.a4.height - max(Self.footHeightMin, 6 + lines + 18)
    }

    private var footLines: [String] {
        let seller = [parties.seller.name, parties.seller.identity].compactMap(\.self).joined(separator: " – ")
        return [seller, transfer, legal].compactMap(\.self)
    }
}

// MARK: Both parties

extension PageFrame {
    private static let nameWidth = 250.0
    private static let sellerWidth = 230.0
    private static let boxWidth = 236.0
    private static let boxPadding = 14.0
    private static let textWidth = boxWidth - 2 * boxPadding
    private static let deliveryGap = 8.0

    private var nameStyle: TextStyle { TextStyle(19, bold: true, colour: look.colour) }

    /// Where content begins on the first page: below both parties, however long their names are.
    func firstTop(on page: PageDrawing) -> Double {
        let sellerEnd = sellerTop(on: page) + height(of: sellerLines, width: Self.sellerWidth, on: page)
        let box = box(on: page)
        return max(Self.firstTopMin, max(sellerEnd, box.origin.y + box.size.height) + 22)
    }

    private var sellerLines: [String] {
        let (seller, clinic) = (parties.seller, parties.establishment)
        var lines = [clinic == seller.name ? nil : clinic, seller.name]
        if let site = seller.establishmentAddress, site != seller.address {
            // Where the work was done (arrêté 83-50/A, article 3), apart from the head office.
            lines = [clinic, site.street, site.place, seller.name]
        }
        return (lines + [seller.address.street, seller.address.place, seller.phone, seller.email]).compactMap(\.self)
    }

    private var buyerLines: [String] {
        let buyer = parties.buyer
        let lines = [buyer.name, buyer.address.street, buyer.address.place]
        return (lines + [buyer.siren.map { "SIREN \($0)" }, buyer.vatNumber.map { "TVA \($0)" }]).compactMap(\.self)
    }

    private var deliveryLines: [String] {
        guard let place = delivery?.place else { return [] }
        return [place.name, place.address.street, place.address.place].compactMap(\.self)
    }

    private func sellerTop(on page: PageDrawing) -> Double {
        guard look.logo == nil else { return 128 }
        return max(128, 40 + page.measure(parties.seller.name, nameStyle, width: Self.nameWidth).height + 12)
    }

    /// Around the party the page is for.
    private func box(on page: PageDrawing) -> Rectangle {
        let facts = facts.reduce(68.0) { $0 + page.measure($1, TextStyle(9), width: Self.width).height + 2 }
        let lines = height(of: buyerLines, width: Self.textWidth, on: page) + deliveryHeight(on: page)
        return Rectangle(
            Self.left + Self.width - Self.boxWidth, max(160, facts + 10), Self.boxWidth, max(104, 27 + lines + 12))
    }

    private func deliveryHeight(on page: PageDrawing) -> Double {
        guard delivery != nil else { return 0 }
        return Self.deliveryGap + 15 + height(of: deliveryLines, width: Self.textWidth, on: page)
    }

    private func drawParties(on page: PageDrawing) {
        draw(sellerLines, at: Point(Self.left, sellerTop(on: page)), width: Self.sellerWidth, on: page)
        let box = box(on: page)
        page.fill(box, Colour(0xF4, 0xF6, 0xF8), radius: 4)
        let (x, y) = (box.origin.x + Self.boxPadding, box.origin.y)
        let style = TextStyle(8, bold: true, colour: look.colour)
        page.text(partyTitle, style, at: Point(x, y + 12))
        draw(buyerLines, at: Point(x, y + 27), width: Self.textWidth, on: page)
        guard let delivery else { return }
        let top = y + 27 + height(of: buyerLines, width: Self.textWidth, on: page) + Self.deliveryGap
        page.text(delivery.title, style, at: Point(x, top))
        draw(deliveryLines, at: Point(x, top + 15), width: Self.textWidth, on: page)
    }

    /// The first line stands out.
    private func styled(_ lines: [String]) -> [(line: String, style: TextStyle)] {
        lines.enumerated().map { index, line in (line, index == 0 ? TextStyle(10, bold: true) : TextStyle(9)) }
    }

    private func height(of lines: [String], width: Double, on page: PageDrawing) -> Double {
        styled(lines).reduce(0) { $0 + page.measure($1.line, $1.style, width: width).height + 1.5 }
    }

    private func draw(_ lines: [String], at start: Point, width: Double, on page: PageDrawing) {
        var y = start.y
        for (line, style) in styled(lines) {
            y += page.text(line, style, at: Point(start.x, y), width: width).height + 1.5
        }
    }
}

extension PostalAddress {
    /// Postcode and town, and the country when it is another one.
    fileprivate var place: String? {
        let parts = [postcode, town.isEmpty ? nil : town, country == "FR" ? nil : country].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}
