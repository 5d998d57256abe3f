import InvoicingDomain
import PaymentModel
import Testing

/// INV-4: a credit note of single VAT rates, as when goods come back.
@Suite struct `A credit note by VAT rate` {
    @Test func `INV-4: has the rounded VAT of its base wherever a base makes the amount, else a cent from it`() throws {
        holds { random in
            let invoice = try Self.invoice(&random)
            let share = invoice.vat.shares[random.number(0...invoice.vat.shares.count - 1)]
            let base = cents(random.number(0...share.base.minorUnits))
            let amount = try base.adding(base.share(share.rate))
            if amount.isPositive {
                let made = try invoice.part(of: [RateCredit(rate: share.rate, amount: amount)], without: [], backTo: [])
                let expected = VATShare(rate: share.rate, base: base, vat: try base.share(share.rate))
                guard made.shares == [expected] else { return false }
            }
            let other = cents(random.number(1...share.base.minorUnits + share.vat.minorUnits))
            let part = try invoice.part(of: [RateCredit(rate: share.rate, amount: other)], without: [], backTo: [])
            guard let only = part.shares.first, part.shares.count == 1, part.total == other else { return false }
            let rounded = try only.base.share(share.rate)
            return abs(only.vat.minorUnits - rounded.minorUnits) <= 1
        }
    }

    @Test func `INV-4: crediting all rates whole ends at zero base and VAT of each`() throws {
        holds { random in
            let invoice = try Self.invoice(&random)
            let wishes = invoice.vat.shares.shuffled(using: &random).map { share in
                RateCredit(rate: share.rate, amount: cents(share.base.minorUnits + share.vat.minorUnits))
            }
            return try invoice.part(of: wishes, without: [], backTo: []) == invoice.vat
        }
    }

    @Test func `INV-4, C-24: with others in any order, gives back what was billed of each rate, never more`() throws {
        holds { random in
            var invoice = try Self.invoice(&random)
            let billed = invoice.vat.shares
            var given = billed.map { VATShare(rate: $0.rate, base: cents(0), vat: cents(0)) }
            while invoice.due.isPositive {
                let part: VATBreakdown
                if random.number(0...2) == 0 {
                    part = try invoice.vat.part(
                        of: cents(random.number(1...invoice.due.minorUnits)), without: given)
                } else {
                    let wishes = Self.wishes(billed, given, &random)
                    part = try invoice.part(of: wishes, without: given, backTo: [])
                    guard part.shares.count == wishes.count else { return false }
                    for wish in wishes {
                        let share = part.shares.first { $0.rate == wish.rate }
                        guard try share?.base.adding(share?.vat ?? cents(0)) == wish.amount else { return false }
                    }
                }
                try invoice.credit(part.total)
                given = given.map { Self.sum($0, part.shares) }
                let fits = zip(given, billed).allSatisfy { given, billed in
                    given.base.minorUnits <= billed.base.minorUnits && given.vat.minorUnits <= billed.vat.minorUnits
                }
                let isSound = part.shares.allSatisfy { !$0.base.isNegative && !$0.vat.isNegative }
                guard fits, isSound else { return false }
            }
            return given == billed
        }
    }

    @Test func `INV-4: is refused for more than is left, and for what no rate of the invoice is`() throws {
        var random = SeededGenerator(seed: 1)
        let invoice = try Self.invoice(&random)
        let share = try #require(invoice.vat.shares.first)
        let whole = try share.base.adding(share.vat)
        let dollar = try #require(Currency("USD"))
        func wish(_ amount: Money, _ rate: BasisPoints? = nil) -> RateCredit {
            RateCredit(rate: rate ?? share.rate, amount: amount)
        }
        let given = VATShare(rate: share.rate, base: cents(1), vat: cents(0))
        let (most, less) = (cents(whole.minorUnits + 1), cents(whole.minorUnits - 1))
        let refused: [([RateCredit], [VATShare], RateCreditRejection)] = [
            ([wish(most)], [], .moreThan(whole, asked: most, place: 0)),
            ([wish(whole)], [given], .moreThan(less, asked: whole, place: 0)),
            ([wish(cents(1)), wish(cents(1))], [], .namedTwice(place: 1)),
            ([wish(cents(1)), wish(cents(1), BasisPoints(1_960))], [], .notBilled(place: 1)),
            ([wish(cents(0))], [], .notPositive(place: 0)),
            ([wish(Money(1, dollar))], [], .otherCurrency(dollar, place: 0)),
        ]
        for (wishes, earlier, rejection) in refused {
            #expect(throws: rejection) { try invoice.part(of: wishes, without: earlier, backTo: []) }
        }
        #expect(throws: InvoiceRejection.notIssued) {
            try draft(total: 100).part(
                of: [RateCredit(rate: BasisPoints(0), amount: cents(1))], without: [], backTo: [])
        }
    }

    @Test func `INV-4, INV-11: leaves what was written off alone`() throws {
        var invoice = try issued(total: 10_000)
        _ = try invoice.allocate(cents(3_000), on: day)
        _ = try invoice.writeOff()
        let paid = [RateCredit(rate: BasisPoints(0), amount: cents(3_000))]
        #expect(try invoice.part(of: paid, without: [], backTo: []).total == cents(3_000))
        #expect(throws: RateCreditRejection.moreThanOwed(cents(3_000), asked: cents(3_001))) {
            try invoice.part(of: [RateCredit(rate: BasisPoints(0), amount: cents(3_001))], without: [], backTo: [])
        }
    }

    /// An issued invoice of one to five rates, often of a few cents.
    private static func invoice(_ random: inout SeededGenerator) throws -> Invoice {
        let most: Int64 = random.number(0...1) == 0 ? 5_000 : 9_000_000
        let rates = [2_000, 1_000, 550, 210, 0].shuffled(using: &random).prefix(random.number(1...5))
        var lines: [InvoiceLine] = []
        for rate in rates {
            let price = try #require(UnitPrice(tenThousandths: random.number(100...most)))
            lines.append(
                InvoiceLine(label: "Soin", quantity: .one, unitPrice: price, vatRate: BasisPoints(rate)))
        }
        var invoice = try Invoice(
            id: InvoiceID(1), clinic: ClinicID(2), client: ClientID(3),
            content: DocumentContent(currency: .eur, lines: lines), dueOn: day)
        _ = try invoice.issue(number: "F-LILAS-2026-000001", on: day)
        return invoice
    }

    /// Some of the rates of which something is left, at least one of them, often whole.
    private static func wishes(
        _ billed: [VATShare], _ given: [VATShare], _ random: inout SeededGenerator
    ) -> [RateCredit] {
        var wishes: [RateCredit] = []
        for (billed, given) in zip(billed, given).shuffled(using: &random) {
            let left =
                billed.base.minorUnits + billed.vat.minorUnits - given.base.minorUnits - given.vat.minorUnits
            guard left > 0, wishes.isEmpty || random.number(0...1) == 0 else { continue }
            let amount = random.number(0...2) == 0 ? left : random.number(1...left)
            wishes.append(RateCredit(rate: billed.rate, amount: cents(amount)))
        }
        return wishes
    }

    private static func sum(_ given: VATShare, _ shares: [VATShare]) -> VATShare {
        guard let more = shares.first(where: { $0.rate == given.rate }) else { return given }
        return VATShare(
            rate: given.rate, base: cents(given.base.minorUnits + more.base.minorUnits),
            vat: cents(given.vat.minorUnits + more.vat.minorUnits))
    }
}
