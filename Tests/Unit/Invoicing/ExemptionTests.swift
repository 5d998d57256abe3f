import InvoicingDomain
import PaymentModel
import Testing

/// INV-5: why something bears no VAT where its seller bills VAT otherwise.
@Suite struct `What bears no VAT` {
    private static let reason = "Exonération de TVA, art. 261, 4-4° du CGI"
    private static let other = "Exonération de TVA, art. 262 ter, I du CGI"

    @Test func `INV-3, INV-5: each category of a document is its lines less discounts and deposits`() throws {
        holds { random in
            let lines = try (1...random.number(2...9)).map { _ in
                let rate = [2_000, 550, 0, 0][random.number(0...3)]
                let reason = [Self.reason, Self.other, nil][random.number(0...2)]
                return try line(random.number(1...900_000), rate: rate, rate == 0 ? reason : nil)
            }
            let discount: Discount? = random.number(0...1) == 0 ? .share(BasisPoints(random.number(0...9_000))) : nil
            let content = DocumentContent(currency: .eur, lines: lines, discount: discount)
            guard try content.vat().total.isPositive else { return true }
            var quote = try quote(of: content)
            let amount = Money(random.number(1...quote.total.minorUnits), .eur)
            let deposit = try deposit(of: amount, on: &quote)
            let deduction = Deduction(deposit: deposit.id, number: "F-1", shares: deposit.vat.shares)
            let rest = try Invoice(
                id: InvoiceID(8), clinic: quote.clinic, client: quote.client, content: content, dueOn: day,
                origin: .quote(quote.id, less: [deduction]))
            let documents = [
                try IssuedDocument(quote, between: parties()), try document(of: deposit), try document(of: rest),
            ]
            return documents.allSatisfy(fits)
        }
    }

    @Test func `INV-5: is exempt in the data where it says why, and else at zero`() throws {
        let content = DocumentContent(
            currency: .eur,
            lines: [
                try line(10_000, rate: 2_000), try line(20_000, rate: 0, Self.reason), try line(30_000, rate: 0),
                try line(40_000, rate: 0, Self.other),
            ])
        let document = try document(of: try invoice(of: content))
        let data = FacturX(document).xml
        #expect(categories(data) == ["S", "E", "Z", "E", "S", "E", "Z"])
        #expect(data.contains("<ram:ExemptionReason>\(Self.reason) ; \(Self.other)</ram:ExemptionReason>"))
        #expect(data.split(separator: "<ram:ExemptionReason>").count == 2 && !data.contains("VATEX"))
        #expect(document.vatGroups.map(\.share.base.minorUnits) == [100, 600, 300])
    }

    @Test func `INV-5: is all exempt of a seller that bills no VAT, whose own reason comes first`() throws {
        let lines = [try line(10_000, rate: 0), try line(20_000, rate: 0, Self.reason)]
        let parties = parties(.exempt)
        let both = try invoice(of: DocumentContent(currency: .eur, lines: lines))
        let data = FacturX(try document(of: both, between: parties)).xml
        #expect(categories(data) == ["E", "E", "E"] && !data.contains("VATEX"))
        #expect(data.contains("<ram:ExemptionReason>\(LegalNotes.exemption) ; \(Self.reason)<"))
        let plain = try invoice(of: DocumentContent(currency: .eur, lines: [lines[0]]))
        let usual = FacturX(try document(of: plain, between: parties)).xml
        #expect(usual.contains("VATEX-FR-FRANCHISE") && usual.contains("Reason>\(LegalNotes.exemption)<"))
    }

    @Test func `INV-3, INV-5: says why on a deposit and on a credit note of it too`() throws {
        let lines = [try line(1_000_000, rate: 2_000), try line(2_000_000, rate: 0, Self.reason)]
        var quote = try quote(of: DocumentContent(currency: .eur, lines: lines))
        let deposit = try deposit(of: Money(16_000, .eur), on: &quote)
        #expect(deposit.content.lines.map(\.exemption) == [nil, Self.reason])
        let billed = try document(of: deposit)
        #expect(billed.exemptions == [Self.reason] && categories(FacturX(billed).xml) == ["S", "E", "S", "E"])
        let invoice = try invoice(of: quote.content)
        let noted = try invoice.vat.shares.map { share in
            let note = CreditNote(
                id: CreditNoteID(1), of: invoice, number: "A-1", issuedOn: day,
                vat: try VATBreakdown([share], in: .eur), reason: "Retour")
            return try IssuedDocument(note, of: invoice, between: parties())
        }
        #expect(noted.map(\.exemptions) == [[], [Self.reason]])
        #expect(noted.map { categories(FacturX($0).xml) } == [["S", "S"], ["E", "E"]])
    }

    @Test func `INV-4: gives no reason beside VAT, and not more reasons than a page holds`() throws {
        let beside = DocumentContent(
            currency: .eur, lines: [try line(10_000, rate: 0), try line(10_000, rate: 550, Self.reason)])
        #expect(throws: InvoiceRejection.exemptionBesideVAT(line: 1)) { try beside.vat() }
        let many = try (1...6).map { try line(10_000, rate: 0, "Article \($0)") }
        #expect(throws: InvoiceRejection.tooManyExemptions(max: 5)) {
            try DocumentContent(currency: .eur, lines: many).vat()
        }
        let repeated = DocumentContent(currency: .eur, lines: Array(many.prefix(5) + many.prefix(5)))
        #expect(try repeated.vat().total == Money(1_000, .eur))
    }

    @Test func `INV-4: says why as a part of the hash, which is as it was where nothing is said`() throws {
        let texts: [String] = try [nil, Self.reason, Self.other].map { reason in
            let content = DocumentContent(currency: .eur, lines: [try line(10_000, rate: 0, reason)])
            return try #require(try invoice(of: content).chainText(after: "", between: nil)).text
        }
        #expect(Set(texts).count == 3 && texts.map { $0.contains("exemption") } == [false, true, true])
    }

    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .latest

    /// Whether each category and rate bills what its lines are, and exempt ones say why, once.
    private func fits(_ document: IssuedDocument) -> Bool {
        let groups = document.vatGroups
        let isSound = groups.allSatisfy { group in
            let lines = document.lines.filter { $0.rate == group.share.rate && $0.isExempt == group.isExempt }
            let off = document.allowances.filter { $0.rate == group.share.rate && $0.isExempt == group.isExempt }
            let net = lines.reduce(0) { $0 + $1.net.minorUnits }
            return net - off.reduce(0) { $0 + $1.amount.minorUnits } == group.share.base.minorUnits
        }
        let sum = groups.reduce(0) { $0 + $1.share.base.minorUnits }
        let reasons = FacturX(document).xml.split(separator: "<ram:ExemptionReason>").count - 1
        return isSound && sum == document.vat.net.minorUnits && reasons == groups.filter(\.isExempt).count
            && reasons <= 1
    }

    /// Of the lines, then of the VAT, then of discounts.
    private func categories(_ data: String) -> [String] {
        data.split(separator: "<ram:CategoryCode>").dropFirst().map { String($0.prefix(1)) }
    }

    private func line(_ tenThousandths: Int64, rate: Int, _ reason: String? = nil) throws -> InvoiceLine {
        InvoiceLine(
            label: "Soin", quantity: .one, unitPrice: try #require(UnitPrice(tenThousandths: tenThousandths)),
            vatRate: BasisPoints(rate), exemption: reason)
    }

    private func parties(_ scheme: Seller.VATScheme = .onReceipts) -> IssuedDocument.Parties {
        let town = PostalAddress(street: nil, postcode: nil, town: "Lyon", country: "FR")
        return IssuedDocument.Parties(
            seller: Seller(name: "Les Lilas", siren: "732829320", vatScheme: scheme, address: town),
            buyer: Buyer(name: "Ada", address: town), establishment: "Lyon 3")
    }

    private func quote(of content: DocumentContent) throws -> Quote {
        try Quote(
            id: QuoteID(1), clinic: ClinicID(2), client: ClientID(3), number: "D-1", content: content,
            dates: QuoteDates(issuedOn: day, validUntil: day))
    }

    private func deposit(of amount: Money, on quote: inout Quote) throws -> Invoice {
        let deposit = try quote.ask(for: amount, by: InvoiceID(9), isOnline: false, severalOnline: false, on: day)
        return try Invoice(deposit: deposit, of: quote, dueOn: day, soldBy: nil)
    }

    /// An issued one.
    private func invoice(of content: DocumentContent) throws -> Invoice {
        var invoice = try Invoice(
            id: InvoiceID(7), clinic: ClinicID(2), client: ClientID(3), content: content, dueOn: day)
        _ = try invoice.issue(number: "F-3", on: day)
        return invoice
    }

    private func document(
        of invoice: Invoice, between parties: IssuedDocument.Parties? = nil
    ) throws -> IssuedDocument {
        var invoice = invoice
        if invoice.number == nil { _ = try invoice.issue(number: "F-2", on: day) }
        return try #require(try IssuedDocument(invoice, between: parties ?? self.parties()))
    }
}
