import InvoicingDomain
import PaymentModel
import Testing

/// INV-4: an invoice from draft to settled.
@Suite struct `An invoice` {
    @Test func `computes VAT once per rate on the sum of the bases`() throws {
        // Three lines of 0.33 at 20 %: 0.07 each would give 0.21, the sum gives 0.20.
        let lines = (0..<3).map { _ in line("Pansement", 3300) }
        let breakdown = try VATBreakdown(of: lines, in: .eur)
        #expect(breakdown.shares == [VATShare(rate: BasisPoints(2000), base: cents(99), vat: cents(20))])
        #expect(breakdown.total == cents(119))
    }

    @Test func `rounds a line half up`() throws {
        let quantity = try #require(Quantity(thousandths: 1500))
        let price = try #require(UnitPrice(tenThousandths: 10_300))
        // 1.5 × 1.03 = 1.545
        #expect(try price.amount(of: quantity, in: .eur) == cents(155))
    }

    @Test func `is paid exactly when nothing is due`() throws {
        var invoice = try issued(total: 12_000)
        #expect(invoice.status == .issued)
        #expect(try invoice.allocate(cents(5_000), on: day) == .partPaid)
        #expect(invoice.status == .partPaid)
        #expect(try invoice.allocate(cents(7_000), on: day) == .paid(on: day))
        #expect(invoice.status == .paid && invoice.due == cents(0))
    }

    @Test func `is paid on the day of its issue by money that came before`() throws {
        var invoice = try issued(total: 12_000)
        #expect(try invoice.allocate(cents(12_000), on: day.adding(days: -3)) == .paid(on: day))
        var later = try issued(total: 12_000)
        #expect(try later.allocate(cents(12_000), on: day.adding(days: 3)) == .paid(on: day.adding(days: 3)))
    }

    @Test func `refuses more than is due, zero, negative and another currency`() throws {
        var invoice = try issued(total: 12_000)
        let dollar = try #require(Currency("USD"))
        #expect(throws: InvoiceRejection.moreThan(cents(12_000), asked: cents(12_001))) {
            try invoice.allocate(cents(12_001), on: day)
        }
        #expect(throws: InvoiceRejection.notPositive(cents(0))) { try invoice.allocate(cents(0), on: day) }
        #expect(throws: InvoiceRejection.notPositive(cents(-1))) { try invoice.allocate(cents(-1), on: day) }
        #expect(throws: InvoiceRejection.otherCurrency(dollar)) { try invoice.allocate(Money(1, dollar), on: day) }
        #expect(invoice.due == cents(12_000))
    }

    @Test func `is issued once, with something to pay and not due before`() throws {
        var invoice = try draft(total: 12_000)
        _ = try invoice.issue(number: "F-LILAS-2026-000001", on: day)
        #expect(throws: InvoiceRejection.notDraft(.issued)) { try invoice.issue(number: "F-2", on: day) }
        var late = try draft(total: 12_000)
        #expect(throws: InvoiceRejection.dueBeforeIssue(dueOn: day, issuedOn: day.adding(days: 1))) {
            try late.issue(number: "F-3", on: day.adding(days: 1))
        }
    }

    @Test func `is due when its issue says, and written anew as a draft only`() throws {
        var invoice = try draft(total: 12_000)
        try invoice.postpone(to: day.adding(days: 30))
        _ = try invoice.issue(number: "F-1", on: day.adding(days: 1))
        #expect(invoice.dueOn == day.adding(days: 30))
        #expect(throws: InvoiceRejection.notDraft(.issued)) { try invoice.postpone(to: day) }
        #expect(throws: InvoiceRejection.notDraft(.issued)) {
            try invoice.rewritten(for: invoice.client, at: invoice.clinic, content: invoice.content, dueOn: day)
        }
    }

    @Test func `INV-11: keeps billed = paid + credited + written off + due through any moves`() throws {
        holds { random in
            var invoice = try issued(total: random.number(1...1_000_000))
            for _ in 0..<20 {
                let amount = cents(random.number(-10...600_000))
                switch random.number(0...4) {
                case 0: _ = try? invoice.allocate(amount, on: day)
                case 1: _ = try? invoice.reverse(amount)
                case 2: _ = try? invoice.writeOff()
                case 3: try? invoice.reopen(amount)
                default: try? invoice.credit(amount)
                }
                let sum =
                    invoice.paid.minorUnits + invoice.credited.minorUnits + invoice.writtenOff.minorUnits
                    + invoice.due.minorUnits
                guard sum == invoice.total.minorUnits, invoice.isBalanced else { return false }
            }
            return true
        }
    }

    @Test func `prints numbers that sort and name their series`() {
        let series = DocumentSeries(.invoice, clinicCode: "LILAS", year: 2026)
        #expect(series.text(of: 42) == "F-LILAS-2026-000042")
        #expect(series.text(of: 1_234_567) == "F-LILAS-2026-1234567")
    }
}

/// INV-4: a credit note of a part gives back base and VAT in the invoice's proportions.
@Suite struct `A part of a VAT breakdown` {
    @Test func `sums to the amount, to the cent, for any rates`() throws {
        holds { random in
            let rates = [2000, 1000, 550, 210, 0].shuffled(using: &random).prefix(random.number(1...5))
            let lines = try rates.map { rate in
                InvoiceLine(
                    label: "Soin", quantity: try #require(Quantity(thousandths: 1000)),
                    unitPrice: try #require(UnitPrice(tenThousandths: random.number(100...9_000_000))),
                    vatRate: BasisPoints(rate))
            }
            let whole = try VATBreakdown(of: lines, in: .eur)
            let amount = cents(random.number(1...whole.total.minorUnits))
            let part = try whole.part(of: amount)
            return part.total == amount && part.shares.map(\.rate) == whole.shares.map(\.rate)
        }
    }

    @Test func `INV-4: has the VAT of its base at each rate, to a cent, and leaves what has its own`() throws {
        // EN 16931, BR-CO-17 with the cent its published rules allow; most parts have theirs exactly.
        var (exact, inAll) = (0, 0)
        holds { random in
            let lines = try [2_000, 1_000, 550, 210, 0].shuffled(using: &random).prefix(random.number(1...5)).map {
                InvoiceLine(
                    label: "Soin", quantity: .one,
                    unitPrice: try #require(UnitPrice(tenThousandths: random.number(100...900_000))),
                    vatRate: BasisPoints($0))
            }
            let whole = try VATBreakdown(of: lines, in: .eur)
            var given = whole.shares.map { VATShare(rate: $0.rate, base: cents(0), vat: cents(0)) }
            var left = whole.total.minorUnits
            while left > 0 {
                let amount = min(left, random.number(1...max(1, whole.total.minorUnits / 3)))
                let part = try whole.part(of: cents(amount), without: given)
                given = try sum(given, part.shares)
                let rest = try whole.shares.less(given)
                for share in part.shares + rest {
                    let away = share.vat.minorUnits - (try share.base.share(share.rate)).minorUnits
                    guard abs(away) <= 1 else { return false }
                    (exact, inAll) = (exact + (away == 0 ? 1 : 0), inAll + 1)
                }
                left -= amount
            }
            return given == whole.shares
        }
        #expect(inAll > 1_000 && exact * 10 > inAll * 7, "\(exact) of \(inAll)")
    }

    @Test func `INV-4: 10.00 of an invoice at 20 and 5.5 % has 1.16 and 0.16 of VAT, and its rest is right`() throws {
        let whole = try VATBreakdown(
            of: [line("Consultation", 420_000), line("Croquettes", 211_000, at: 550)], in: .eur)
        let part = try whole.part(of: cents(1_000))
        #expect(
            part.shares == [
                VATShare(rate: BasisPoints(2_000), base: cents(578), vat: cents(116)),
                VATShare(rate: BasisPoints(550), base: cents(290), vat: cents(16)),
            ])
        let rest = try whole.part(of: cents(6_266), without: part.shares)
        #expect(
            rest.shares == [
                VATShare(rate: BasisPoints(2_000), base: cents(3_622), vat: cents(724)),
                VATShare(rate: BasisPoints(550), base: cents(1_820), vat: cents(100)),
            ])
    }

    @Test func `C-24: parts taken one after the other are together what was billed of each rate`() throws {
        holds { random in
            let whole = try VATBreakdown(
                [2000, 1000, 550].map { rate in
                    VATShare(
                        rate: BasisPoints(rate), base: cents(random.number(0...900)), vat: cents(random.number(1...90)))
                }, in: .eur)
            var given = whole.shares.map { VATShare(rate: $0.rate, base: cents(0), vat: cents(0)) }
            var left = whole.total.minorUnits
            while left > 0 {
                let amount = min(left, random.number(1...200))
                let part = try whole.part(of: cents(amount), without: given)
                guard part.total == cents(amount) else { return false }
                given = try sum(given, part.shares)
                left -= amount
            }
            return given == whole.shares
        }
    }

    private func sum(_ earlier: [VATShare], _ shares: [VATShare]) throws -> [VATShare] {
        try zip(earlier, shares).map { earlier, share in
            VATShare(
                rate: share.rate, base: try earlier.base.adding(share.base), vat: try earlier.vat.adding(share.vat))
        }
    }
}

let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest

func cents(_ amount: Int64) -> Money { .euros(cents: amount) }

/// One unit at a price in ten-thousandths, with VAT of 20 %.
func line(_ label: String, _ price: Int64, at rate: Int = 2_000) -> InvoiceLine {
    guard let quantity = Quantity(thousandths: 1000), let unitPrice = UnitPrice(tenThousandths: price) else {
        preconditionFailure("the test's own numbers are out of range")
    }
    return InvoiceLine(label: label, quantity: quantity, unitPrice: unitPrice, vatRate: BasisPoints(rate))
}

/// A draft without VAT, so that its total is the given cents.
func draft(total: Int64) throws -> Invoice {
    let one = line("Soin", total * 100)
    let free = InvoiceLine(
        label: one.label, quantity: one.quantity, unitPrice: one.unitPrice, vatRate: BasisPoints(0))
    return try Invoice(
        id: InvoiceID(1), clinic: ClinicID(2), client: ClientID(3),
        content: DocumentContent(currency: .eur, lines: [free]), dueOn: day)
}

func issued(total: Int64) throws -> Invoice {
    var invoice = try draft(total: total)
    _ = try invoice.issue(number: "F-LILAS-2026-000001", on: day)
    return invoice
}
