import InvoicingDomain
import PaymentModel
import Testing

/// INV-5: what a document says, before it is a page or data.
@Suite struct `An issued document` {
    private static let parties = IssuedDocument.Parties(
        seller: Seller(name: "Les Lilas", siren: "732829320", address: town), buyer: Buyer(name: "Ada", address: town),
        establishment: "Lyon 3")
    private static let town = PostalAddress(street: nil, postcode: nil, town: "Lyon", country: "FR")

    @Test func `INV-5: its lines less the discounts on the whole are what it bills, whatever was discounted`() throws {
        holds { random in
            let lines = try (1...random.number(1...9)).map { _ in
                InvoiceLine(
                    label: "Soin", quantity: try #require(Quantity(thousandths: random.number(1...20_000))),
                    unitPrice: try #require(UnitPrice(tenThousandths: random.number(1...900_000))),
                    vatRate: BasisPoints([2_000, 1_000, 550, 0][random.number(0...3)]),
                    discount: random.number(0...2) == 0 ? .share(BasisPoints(random.number(0...9_000))) : nil)
            }
            let discount: Discount? = random.number(0...1) == 0 ? .share(BasisPoints(random.number(0...9_000))) : nil
            var invoice = try invoice(of: DocumentContent(currency: .eur, lines: lines, discount: discount))
            guard invoice.total.isPositive else { return true }
            _ = try invoice.issue(number: "F-1", on: day)
            let document = try #require(try IssuedDocument(invoice, between: Self.parties))
            let net = document.lines.reduce(0) { $0 + $1.net.minorUnits }
            let off = document.allowances.reduce(0) { $0 + $1.amount.minorUnits }
            // The data assert the same sum; they are made here so that the assertion is met by every seed.
            return net - off == document.vat.net.minorUnits && FacturX(document).xml.contains("F-1")
        }
    }

    @Test func `INV-5: is none while it is a draft`() throws {
        let line = InvoiceLine(
            label: "Soin", quantity: .one, unitPrice: try #require(UnitPrice(tenThousandths: 10_000)),
            vatRate: BasisPoints(2_000))
        let draft = try invoice(of: DocumentContent(currency: .eur, lines: [line]))
        #expect(try IssuedDocument(draft, between: Self.parties) == nil)
    }

    @Test func `INV-5: escapes what people write`() throws {
        let line = InvoiceLine(
            label: "<Rex> & \"Co\"\u{0}\n", quantity: .one, unitPrice: try #require(UnitPrice(tenThousandths: 10_000)),
            vatRate: BasisPoints(2_000))
        var invoice = try invoice(of: DocumentContent(currency: .eur, lines: [line]))
        _ = try invoice.issue(number: "F-1", on: day)
        let document = try #require(try IssuedDocument(invoice, between: Self.parties))
        #expect(FacturX(document).xml.contains("<ram:Name>&lt;Rex&gt; &amp; &quot;Co&quot; </ram:Name>"))
    }

    @Test func `INV-5: tells professionals of penalties and the indemnity, and consumers of neither`() throws {
        let line = InvoiceLine(
            label: "Soin", quantity: .one, unitPrice: try #require(UnitPrice(tenThousandths: 10_000)),
            vatRate: BasisPoints(2_000))
        var invoice = try invoice(of: DocumentContent(currency: .eur, lines: [line]))
        _ = try invoice.issue(number: "F-1", on: day)
        let consumer = try #require(try IssuedDocument(invoice, between: Self.parties))
        #expect(LegalNotes(consumer).coded.isEmpty)
        let stable = IssuedDocument.Parties(
            seller: Self.parties.seller, buyer: Buyer(name: "Haras", address: Self.town, siren: "552100554"),
            establishment: "Lyon 3")
        let business = try #require(try IssuedDocument(invoice, between: stable))
        #expect(LegalNotes(business).coded.compactMap(\.subject) == ["AAB", "PMD", "PMT"])
        let foot = LegalNotes(business).foot
        #expect(foot.contains("Pénalités de retard\u{A0}: trois fois") && foot.hasSuffix("retard\u{A0}: 40\u{202F}€"))
        #expect(!foot.contains(" :") && !foot.contains(" €"), "no line begins with what belongs to the one before")
    }

    /// What a seller sells, what lines are, and what is said of them.
    @Test(
        arguments: [
            (nil, [.goods], "livraisons de biens"), (.both, [.services, .services], "prestations de services"),
            (.goods, [nil, nil], "livraisons de biens"), (.goods, [.services], "prestations de services"),
            (.services, [.goods, nil], "livraisons de biens et prestations de services"),
            (.both, [.goods, .services], "livraisons de biens et prestations de services"),
            (.goods, [.both, nil], "livraisons de biens et prestations de services"),
            (.both, [nil], nil), (.both, [.services, nil], nil), (nil, [.goods, nil], nil), (nil, [nil], nil),
        ] as [(Seller.Operations?, [Seller.Operations?], String?)])
    func `INV-5: says what its lines are, on the page and in the data, and nothing that nobody said`(
        seller: Seller.Operations?, natures: [Seller.Operations?], text: String?
    ) throws {
        var invoice = try invoice(of: DocumentContent(currency: .eur, lines: natures.map { try line($0) }))
        _ = try invoice.issue(number: "F-1", on: day)
        let document = try #require(try IssuedDocument(invoice, between: parties(selling: seller)))
        let sentences = text.map { ["Nature des opérations : \($0)"] } ?? []
        #expect(LegalNotes(document).legal.map(\.text) == sentences)
        #expect(FacturX(document).xml.contains("Nature des opérations") == (text != nil))
        #expect(sentences.allSatisfy { FacturX(document).xml.contains($0) })
    }

    @Test func `INV-3, INV-5: a deposit is for what the quote's lines of each rate are`() throws {
        let ids = IdentifierSource.fixed(4)
        for (seller, text) in [
            (.goods, "livraisons de biens et prestations de services"), (.services, "prestations de services"),
            (.both, nil), (nil, nil),
        ] as [(Seller.Operations?, String?)] {
            var quote = try Quote(
                id: ids.make(), clinic: ids.make(), client: ids.make(), number: "D-1",
                content: DocumentContent(
                    currency: .eur, lines: [try line(.services), try line(nil), try line(nil, rate: 550)]),
                dates: QuoteDates(issuedOn: day, validUntil: day.adding(days: 30)))
            let deposit = try quote.ask(
                for: Money(100, .eur), by: ids.make(), isOnline: false, severalOnline: false, on: day)
            var invoice = try Invoice(deposit: deposit, of: quote, dueOn: day, soldBy: seller)
            _ = try invoice.issue(number: "F-1", on: day)
            let document = try #require(try IssuedDocument(invoice, between: parties(selling: seller)))
            #expect(LegalNotes(document).legal.map(\.text) == (text.map { ["Nature des opérations : \($0)"] } ?? []))
        }
    }

    @Test func `INV-4: what a line is is a part of the hash, and nothing is where nothing was said`() throws {
        let natures: [Seller.Operations?] = [nil, .goods, .services]
        let texts: [String] = try natures.map { nature in
            var invoice = try invoice(of: DocumentContent(currency: .eur, lines: [try line(nature)]))
            _ = try invoice.issue(number: "F-1", on: day)
            return try #require(invoice.chainText(after: "", between: nil)).text
        }
        #expect(Set(texts).count == 3)
        #expect(texts.map { $0.contains("nature") } == [false, true, true])
    }

    @Test func `INV-5: says who does what a line bills, which is a part of the hash`() throws {
        let price = try #require(UnitPrice(tenThousandths: 10_000))
        let invoices = try ["Dr Morel & fils", "Dr Petit", nil].map { name in
            let line = InvoiceLine(
                label: "Soin", quantity: .one, unitPrice: price, vatRate: BasisPoints(2_000), practitioner: name)
            var invoice = try invoice(of: DocumentContent(currency: .eur, lines: [line]))
            _ = try invoice.issue(number: "F-1", on: day)
            return invoice
        }
        let texts = try invoices.map { try #require($0.chainText(after: "", between: nil)).text }
        #expect(Set(texts).count == 3 && texts.map { $0.contains("practitioner") } == [true, true, false])
        let data = try invoices.map { invoice in
            FacturX(try #require(try IssuedDocument(invoice, between: parties(selling: nil)))).xml
        }
        #expect(data.map { $0.contains("IncludedNote>\n") && $0.contains("Intervenant : ") } == [true, true, false])
        #expect(data.first?.contains("<ram:Content>Intervenant : Dr Morel &amp; fils</ram:Content>") == true)
    }

    @Test func `INV-5: says where things are delivered, which is a part of the hash`() throws {
        let there = PostalAddress(street: "8 chemin du Pré", postcode: "14600", town: "Honfleur", country: "FR")
        let places: [DeliveryPlace?] = [
            DeliveryPlace(name: "Haras & fils", address: there), DeliveryPlace(name: nil, address: there), nil,
        ]
        let invoices = try places.map { place in
            var invoice = try invoice(of: DocumentContent(currency: .eur, lines: [try line(.goods)], delivery: place))
            _ = try invoice.issue(number: "F-1", on: day)
            return invoice
        }
        let texts = try invoices.map { try #require($0.chainText(after: "", between: nil)).text }
        #expect(Set(texts).count == 3 && texts.map { $0.contains("delivered") } == [true, true, false])
        let data = try invoices.map { invoice in
            FacturX(try #require(try IssuedDocument(invoice, between: parties(selling: nil)))).xml
        }
        #expect(data.map { $0.contains("<ram:ShipToTradeParty>") } == [true, true, false])
        #expect(data.map { $0.contains("<ram:Name>Haras &amp; fils</ram:Name>") } == [true, false, false])
        #expect(data.map { $0.contains("<ram:LineOne>8 chemin du Pré</ram:LineOne>") } == [true, true, false])
    }

    @Test func `INV-5: the data say when what is billed was sold or done, which is a part of the hash where told`()
        throws
    {
        let content = DocumentContent(currency: .eur, lines: [try line(.goods)])
        let days = [day.adding(days: -2), day, nil]
        let invoices = try days.map { supplied in
            var invoice = try invoice(of: content.supplied(on: supplied))
            _ = try invoice.issue(number: "F-1", on: day)
            return invoice
        }
        let texts = try invoices.map { try #require($0.chainText(after: "", between: nil)).text }
        #expect(Set(texts).count == 3 && texts.map { $0.contains("supplied") } == [true, true, false])
        let documents = try invoices.map { try #require(try IssuedDocument($0, between: parties(selling: nil))) }
        #expect(documents.map(\.suppliedOn) == [days[0], day, day])
        let told = try #require(days[0]).description.filter { $0 != "-" }
        #expect(Self.suppliedOn(FacturX(documents[0]).xml)?.contains(told) == true)
    }

    @Test func `INV-3, INV-5: a deposit says no day of supply, since nothing is delivered by it`() throws {
        let ids = IdentifierSource.fixed(4)
        var quote = try Quote(
            id: ids.make(), clinic: ids.make(), client: ids.make(), number: "D-1",
            content: DocumentContent(currency: .eur, lines: [try line(.services)]),
            dates: QuoteDates(issuedOn: day, validUntil: day.adding(days: 30)))
        let deposit = try quote.ask(
            for: Money(100, .eur), by: ids.make(), isOnline: false, severalOnline: false, on: day)
        var invoice = try Invoice(deposit: deposit, of: quote, dueOn: day, soldBy: .services)
        _ = try invoice.issue(number: "F-1", on: day)
        let document = try #require(try IssuedDocument(invoice, between: parties(selling: .services)))
        #expect(document.suppliedOn == nil && Self.suppliedOn(FacturX(document).xml) == nil)
        #expect(FacturX(document).xml.contains("<ram:ShipToTradeParty>"), "its delivery is not empty")
    }

    /// What the data say of the day of supply (BT-72).
    private static func suppliedOn(_ data: String) -> Substring? {
        guard let start = data.firstRange(of: "<ram:ActualDeliverySupplyChainEvent>"),
            let end = data.firstRange(of: "</ram:ActualDeliverySupplyChainEvent>")
        else { return nil }
        return data[start.upperBound..<end.lowerBound]
    }

    @Test(arguments: [
        ("732829320", true), ("73282932000074", true), ("732829321", false), ("", false), ("7328é", false),
    ])
    func `INV-5: is signed with numbers whose check digit fits`(number: String, fits: Bool) {
        #expect(Luhn.holds(number) == fits)
    }

    @Test func `INV-5: a text of a page has one line, and no guillemet falls alone on the next`() {
        #expect("Soin\r\nde « Rex »\n".onOneLine == "Soin de «\u{202F}Rex\u{202F}»")
    }

    @Test(
        arguments: [
            ("FR44732829320", true), ("FR96552100554", true), ("FR45732829320", false), ("FR44732829321", false),
            ("FR4473282932", false), ("FRK7732829320", true), ("DE123456789", true),
        ])
    func `INV-5: the key of a French VAT number fits its nine digits`(_ number: String, fits: Bool) {
        #expect(FrenchVATNumber.holds(number) == fits)
    }

    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .latest

    private func line(_ nature: Seller.Operations?, rate: Int = 2_000) throws -> InvoiceLine {
        InvoiceLine(
            label: "Soin", quantity: .one, unitPrice: try #require(UnitPrice(tenThousandths: 10_000)),
            vatRate: BasisPoints(rate), nature: nature)
    }

    private func parties(selling operations: Seller.Operations?) -> IssuedDocument.Parties {
        let seller = Seller(name: "Les Lilas", siren: "732829320", address: Self.town, operations: operations)
        return IssuedDocument.Parties(seller: seller, buyer: Self.parties.buyer, establishment: "Lyon 3")
    }

    private func invoice(of content: DocumentContent) throws -> Invoice {
        let ids = IdentifierSource.fixed(3)
        return try Invoice(
            id: ids.make(), clinic: ids.make(), client: ids.make(), content: content, dueOn: day.adding(days: 30))
    }
}
