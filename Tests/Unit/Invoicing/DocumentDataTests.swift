import InvoicingDomain
import PaymentModel
import Testing

/// INV-5: what the data of a document say beside its amounts.
@Suite struct `The data of a document` {
    /// BT-8 of an invoice, of a deposit and of a credit note of each; nil leaves it out.
    @Test(
        arguments: [
            (.services, .onReceipts, "72", "72"), (.goods, .onReceipts, "29", "72"), (.both, .onReceipts, nil, "72"),
            (nil, .onReceipts, nil, "72"), (.services, .onDebits, "5", "5"), (.goods, .onDebits, "29", "72"),
            (.both, .onDebits, nil, nil), (nil, .onDebits, nil, nil), (.goods, .exempt, nil, nil),
        ] as [(Seller.Operations?, Seller.VATScheme, String?, String?)])
    func `INV-5: they say when VAT is owed: goods when delivered, services and deposits when paid, and not of both`(
        nature: Seller.Operations?, scheme: Seller.VATScheme, invoiceCode: String?, depositCode: String?
    ) throws {
        let lines = [try line(nature, rate: scheme == .exempt ? 0 : 2_000)]
        let parties = parties(Seller(name: "Les Lilas", siren: "732829320", vatScheme: scheme, address: town))
        let content = DocumentContent(currency: .eur, lines: lines)
        for (bill, code) in [(try issued(content), invoiceCode), (try deposit(on: content), depositCode)] {
            let note = CreditNote(
                id: CreditNoteID(1), of: bill, number: "A-1", issuedOn: day, vat: bill.vat, reason: "Retour")
            let documents = [
                try #require(try IssuedDocument(bill, between: parties)),
                try IssuedDocument(note, of: bill, between: parties),
            ]
            for document in documents {
                #expect(texts("DueDateTypeCode", in: document) == (code.map { [$0] } ?? []), "\(document.kind)")
            }
        }
    }

    @Test func `INV-5: an account that is to be paid to is said in groups, with the code of its bank`() {
        let account = BankAccount(iban: "FR7630006000011234567890189", bic: BankAccount.bic("agrifrpp"))
        #expect(account.text.filter { $0 != "\u{A0}" } == "IBANFR7630006000011234567890189 – BICAGRIFRPP")
        #expect(["AGRIFRP", "AGRIFRPPX", "1GRIFRPP", "AGRIFRPPÉ"].allSatisfy { BankAccount.bic($0) == nil })
    }

    @Test func `INV-5: nothing is to be transferred of a deposit or invoice without an account, or of a credit note`()
        throws
    {
        let content = DocumentContent(currency: .eur, lines: [try line()])
        let account = BankAccount(iban: "FR7630006000011234567890189", bic: nil)
        for account in [account, nil] {
            let parties = parties(Seller(name: "Les Lilas", siren: "732829320", address: town, bankAccount: account))
            for bill in [try issued(content), try deposit(on: content)] {
                let data = FacturX(try #require(try IssuedDocument(bill, between: parties))).xml
                #expect(data.contains("<ram:TypeCode>30</ram:TypeCode>") == (account != nil))
                #expect(data.contains("<ram:IBANID>") == (account != nil) && !data.contains("BICID"))
                let note = CreditNote(
                    id: CreditNoteID(1), of: bill, number: "A-1", issuedOn: day, vat: bill.vat, reason: "Retour")
                #expect(try !FacturX(IssuedDocument(note, of: bill, between: parties)).xml.contains("IBANID"))
            }
        }
    }

    @Test func `INV-5: they say what each quantity counts, pieces where nobody said it, as a part of the hash`() throws
    {
        let price = try #require(UnitPrice(tenThousandths: 10_000))
        let units: [BilledUnit?] = BilledUnit.allCases + [nil]
        let invoices = try units.map { unit in
            let line = InvoiceLine(
                label: "Soin", quantity: .one, unit: unit, unitPrice: price, vatRate: BasisPoints(2_000))
            return try issued(DocumentContent(currency: .eur, lines: [line]))
        }
        let parties = parties(Seller(name: "Les Lilas", siren: "732829320", address: town))
        let codes = ["C62", "HUR", "KGM", "GRM", "MLT", "LTR", "C62"]
        for (invoice, code) in zip(invoices, codes) {
            let document = try #require(try IssuedDocument(invoice, between: parties))
            #expect(FacturX(document).xml.contains("unitCode=\"\(code)\">1.000<"), "\(code)")
        }
        let texts = try invoices.map { try #require($0.chainText(after: "", between: nil)).text }
        #expect(Set(texts).count == units.count && texts.map { $0.contains("line-unit") } == units.map { $0 != nil })
    }

    // MARK: What they are about

    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .latest
    private let town = PostalAddress(street: nil, postcode: nil, town: "Lyon", country: "FR")

    private func line(_ nature: Seller.Operations? = nil, rate: Int = 2_000) throws -> InvoiceLine {
        InvoiceLine(
            label: "Soin", quantity: .one, unitPrice: try #require(UnitPrice(tenThousandths: 1_000_000)),
            vatRate: BasisPoints(rate), nature: nature)
    }

    private func parties(_ seller: Seller) -> IssuedDocument.Parties {
        IssuedDocument.Parties(seller: seller, buyer: Buyer(name: "Ada", address: town), establishment: "Lyon 3")
    }

    private func issued(_ content: DocumentContent) throws -> Invoice {
        var invoice = try Invoice(
            id: InvoiceID(7), clinic: ClinicID(2), client: ClientID(3), content: content, dueOn: day)
        _ = try invoice.issue(number: "F-3", on: day)
        return invoice
    }

    private func deposit(on content: DocumentContent) throws -> Invoice {
        var quote = try Quote(
            id: QuoteID(1), clinic: ClinicID(2), client: ClientID(3), number: "D-1", content: content,
            dates: QuoteDates(issuedOn: day, validUntil: day))
        let asked = try quote.ask(
            for: Money(100, .eur), by: InvoiceID(9), isOnline: false, severalOnline: false, on: day)
        var deposit = try Invoice(deposit: asked, of: quote, dueOn: day, soldBy: nil)
        _ = try deposit.issue(number: "F-2", on: day)
        return deposit
    }

    /// What elements of this name say, in their order.
    private func texts(_ name: String, in document: IssuedDocument) -> [String] {
        FacturX(document).xml.split(separator: "<ram:\(name)").dropFirst().map { rest in
            String(rest.drop { $0 != ">" }.dropFirst().prefix { $0 != "<" })
        }
    }
}
