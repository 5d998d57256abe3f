import InvoicingDomain
import PaymentModel
import Testing

/// INV-4: discounts of lines and of the whole document.
@Suite struct `A discount` {
    @Test func `INV-4: of a line is off its amount, and of the document off the sum, before VAT`() throws {
        let lines = [line("Soin", 1_000_000, .share(BasisPoints(1_000))), line("Radio", 500_000, .amount(cents(500)))]
        // 100.00 less 10 %, 50.00 less 5.00, then 10 % off both.
        let content = DocumentContent(currency: .eur, lines: lines, discount: .share(BasisPoints(1_000)))
        let vat = try content.vat()
        #expect(vat.shares == [VATShare(rate: BasisPoints(2_000), base: cents(12_150), vat: cents(2_430))])
    }

    @Test func `INV-4: of a document is borne by its rates together to the cent`() throws {
        holds { random in
            let lines = try (1...random.number(1...6)).map { _ in
                InvoiceLine(
                    label: "Soin", quantity: .one,
                    unitPrice: try #require(UnitPrice(tenThousandths: random.number(0...900_000))),
                    vatRate: BasisPoints([2_000, 1_000, 550, 0][random.number(0...3)]),
                    discount: random.number(0...2) == 0 ? .share(BasisPoints(random.number(0...10_000))) : nil)
            }
            let net = try Money.sum(lines.map { try $0.net(in: .eur) }, in: .eur)
            let discount: Discount =
                random.number(0...1) == 0
                ? .share(BasisPoints(random.number(0...10_000)))
                : .amount(cents(random.number(0...net.minorUnits)))
            let vat = try DocumentContent(currency: .eur, lines: lines, discount: discount).vat()
            return try vat.net == net.subtracting(discount.off(net)) && vat.shares.allSatisfy { !$0.base.isNegative }
        }
    }

    @Test func `INV-4: larger than what it is taken off is refused, and where`() throws {
        let wrong: [(DocumentContent, Int?)] = [
            (DocumentContent(currency: .eur, lines: [line("Soin", 100, nil), line("X", 100, .amount(cents(2)))]), 1),
            (DocumentContent(currency: .eur, lines: [line("Soin", 100, nil)], discount: .amount(cents(2))), nil),
            (DocumentContent(currency: .eur, lines: [line("Soin", 100, .share(BasisPoints(10_001)))]), 0),
            (
                DocumentContent(
                    currency: .eur, lines: [line("Soin", 100, .amount(Money(1, try #require(Currency("USD")))))]), 0
            ),
        ]
        for (content, place) in wrong {
            #expect(throws: InvoiceRejection.discountTooLarge(line: place)) { try content.vat() }
        }
    }

    private func line(_ label: String, _ price: Int64, _ discount: Discount?) -> InvoiceLine {
        InvoiceLine(
            label: label, quantity: .one, unitPrice: UnitPrice(tenThousandths: price) ?? .free,
            vatRate: BasisPoints(2_000), discount: discount)
    }
}

/// INV-4: corrections by hand.
@Suite struct `A credit note by hand` {
    @Test func `INV-4: takes what is due first, then what was paid, and never more than is left`() throws {
        var invoice = try issued(total: 10_000)
        _ = try invoice.allocate(cents(7_000), on: day)
        let part = try CreditPlan(cents(4_000), of: invoice)
        #expect(part.fromDue == cents(3_000) && part.fromPaid == cents(1_000))
        let all = try CreditPlan(nil, of: invoice)
        #expect(all.fromDue == cents(3_000) && all.fromPaid == cents(7_000))
        #expect(throws: InvoiceRejection.moreThan(cents(10_000), asked: cents(10_001))) {
            try CreditPlan(cents(10_001), of: invoice)
        }
        _ = try invoice.reverse(cents(7_000))
        try invoice.credit(cents(10_000))
        #expect(invoice.status == .credited)
        #expect(throws: InvoiceRejection.nothingToCredit) { try CreditPlan(nil, of: invoice) }
    }

    @Test func `INV-4, INV-11: leaves what was written off alone, which nobody paid and nobody owes`() throws {
        var invoice = try issued(total: 10_000)
        _ = try invoice.allocate(cents(3_000), on: day)
        _ = try invoice.writeOff()
        #expect(try CreditPlan(nil, of: invoice).fromPaid == cents(3_000))
        #expect(throws: InvoiceRejection.moreThan(cents(3_000), asked: cents(3_001))) {
            try CreditPlan(cents(3_001), of: invoice)
        }
        _ = try invoice.reverse(cents(3_000))
        _ = try invoice.writeOff()
        #expect(throws: InvoiceRejection.nothingToCredit) { try CreditPlan(nil, of: invoice) }
    }
}

/// INV-4: what the hash of a document covers.
@Suite struct `The text a document is chained by` {
    @Test func `INV-4: covers the hash before, and every fact of the document`() throws {
        let text = try #require(issued(total: 10_000).chainText(after: "abc", between: nil))
        #expect(text.text.hasPrefix("previous:3:abc\nkind:1:F\nnumber:19:F-LILAS-2026-000001\n"))
        #expect(try issued(total: 10_001).chainText(after: "abc", between: nil) != text)
        #expect(try issued(total: 10_000).chainText(after: "abd", between: nil) != text)
        #expect(try draft(total: 10_000).chainText(after: "abc", between: nil) == nil)
    }

    @Test func `INV-4: covers who issued it to whom, and is as before where no parties were kept in it`() throws {
        let invoice = try issued(total: 10_000)
        let parties = { (seller: String, place: String, digest: String) in
            ChainedParties(seller: seller, establishment: place, buyerDigest: digest)
        }
        let text = invoice.chainText(after: "", between: parties("S", "E", "d"))
        let others: [ChainedParties?] = [
            parties("T", "E", "d"), parties("S", "F", "d"), parties("S", "E", "e"), nil,
        ]
        for other in others { #expect(invoice.chainText(after: "", between: other) != text) }
        let before = try #require(invoice.chainText(after: "", between: nil)?.text)
        #expect(text?.text == before + "seller:1:S\nestablishment:1:E\nbuyer:1:d\n")
        let note = CreditNote(
            id: CreditNoteID(1), of: invoice, number: "A-1", issuedOn: day, vat: invoice.vat, reason: "error")
        #expect(
            note.chainText(after: "", between: parties("S", "E", "d")).text
                == note.chainText(after: "", between: nil).text + "seller:1:S\nestablishment:1:E\nbuyer:1:d\n")
    }

    @Test func `INV-4: does not change by what is paid, and is not another document's`() throws {
        var invoice = try issued(total: 10_000)
        let text = invoice.chainText(after: "", between: nil)
        _ = try invoice.allocate(cents(1), on: day)
        #expect(invoice.chainText(after: "", between: nil) == text)
        var (one, other) = (
            ChainText(.invoice, number: "1", previous: ""), ChainText(.invoice, number: "1", previous: "")
        )
        one.add("line", "a\nline:1:b")
        other.add("line", "a")
        other.add("line", "b")
        #expect(one != other)
    }
}
