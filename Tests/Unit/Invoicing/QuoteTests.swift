import InvoicingDomain
import PaymentModel
import Testing

/// INV-3: an offer, its deposits, and the invoice it becomes.
@Suite struct `A quote` {
    @Test func `INV-3: its deposits and the final invoice are together what was quoted, rate by rate`() throws {
        holds { random in
            var quote = try quote(rates: random.number(1...4), seed: &random)
            var deductions: [Deduction] = []
            for number in 0..<random.number(0...5) {
                let amount = cents(random.number(1...max(1, quote.total.minorUnits / 2)))
                let deposit = try? quote.ask(
                    for: amount, by: InvoiceID(UInt128(number)), isOnline: false, severalOnline: false, on: day)
                guard let deposit else { continue }
                let invoice = try Invoice(deposit: deposit, of: quote, dueOn: day, soldBy: nil)
                guard invoice.total == amount,
                    deposit.vat.shares.allSatisfy({ !$0.base.isNegative && !$0.vat.isNegative })
                else { return false }
                deductions.append(Deduction(deposit: deposit.invoice, number: "F", shares: deposit.vat.shares))
            }
            let final = try Invoice(
                id: InvoiceID(99), clinic: quote.clinic, client: quote.client, content: quote.content, dueOn: day,
                origin: .quote(quote.id, less: deductions))
            return try final.total == quote.total.subtracting(quote.deposited)
                && final.vat.shares.allSatisfy { !$0.base.isNegative && !$0.vat.isNegative }
        }
    }

    @Test func `INV-3: one deposit is payable online, unless several may be`() throws {
        var quote = try quote()
        try ask(1, of: &quote, online: false)
        try ask(2, of: &quote, online: true)
        #expect(throws: QuoteRejection.anotherIsOnline(InvoiceID(2))) { try ask(3, of: &quote, online: true) }
        try ask(4, of: &quote, online: false)
        try ask(5, of: &quote, online: true, several: true)
        #expect(quote.deposits.map(\.isOnline) == [false, true, false, true])
    }

    @Test func `INV-3: deposits are not more than the quote`() throws {
        var quote = try quote()
        let whole = quote.total
        _ = try quote.ask(for: whole, by: InvoiceID(1), isOnline: false, severalOnline: false, on: day)
        #expect(throws: QuoteRejection.moreThanLeft(cents(0))) {
            try quote.ask(for: cents(1), by: InvoiceID(2), isOnline: false, severalOnline: false, on: day)
        }
    }

    @Test func `INV-3: binds until its last day, and ends once`() throws {
        var quote = try quote()
        #expect(throws: QuoteRejection.expired(day.adding(days: 30))) {
            try quote.invoice(as: InvoiceID(1), on: day.adding(days: 31))
        }
        #expect(throws: QuoteRejection.beforeIssue(day)) {
            try quote.invoice(as: InvoiceID(1), on: day.adding(days: -1))
        }
        try quote.invoice(as: InvoiceID(1), on: day.adding(days: 30))
        #expect(throws: QuoteRejection.notOpen(.invoiced(InvoiceID(1)))) { try quote.decline() }
        var other = try self.quote()
        try other.decline()
        #expect(throws: QuoteRejection.notOpen(.declined)) { try other.invoice(as: InvoiceID(1), on: day) }
    }

    @Test func `INV-3: one that was accepted by a deposit does not expire, for further deposits nor for its invoice`()
        throws
    {
        let late = day.adding(days: 31)
        var quote = try quote()
        #expect(quote.hasExpired(on: late) && !quote.hasExpired(on: day.adding(days: 30)))
        #expect(throws: QuoteRejection.expired(day.adding(days: 30))) {
            try quote.ask(for: cents(1_000), by: InvoiceID(1), isOnline: false, severalOnline: false, on: late)
        }
        try ask(1, of: &quote, online: false)
        #expect(!quote.hasExpired(on: late))
        let further = try quote.ask(
            for: cents(1_000), by: InvoiceID(2), isOnline: false, severalOnline: false, on: late)
        #expect(quote.deposits.map(\.invoice) == [InvoiceID(1), further.invoice])
        #expect(throws: QuoteRejection.beforeIssue(day)) {
            try quote.invoice(as: InvoiceID(3), on: day.adding(days: -1))
        }
        try quote.invoice(as: InvoiceID(3), on: late.adding(days: 300))
        #expect(quote.state == .invoiced(InvoiceID(3)))
    }

    @Test func `INV-3: one that a deposit accepted is not declined before all of the deposit was credited`() throws {
        var quote = try quote()
        try ask(1, of: &quote, online: false)
        #expect(throws: QuoteRejection.deposited) { try quote.decline() }
        #expect(quote.state == .open)
        quote = try credited(nil, of: quote)
        try quote.decline()
        #expect(quote.state == .declined)
    }

    @Test func `INV-3: what was credited of deposits can be asked for again, and another one be payable online`() throws
    {
        var quote = try quote()
        let whole = quote.total
        _ = try quote.ask(for: whole, by: InvoiceID(1), isOnline: true, severalOnline: false, on: day)
        var lowered = try credited(cents(1_234), of: quote)
        #expect(throws: QuoteRejection.moreThanLeft(cents(1_234))) { try ask(2, of: &lowered, cents: 1_235) }
        #expect(throws: QuoteRejection.anotherIsOnline(InvoiceID(1))) { try ask(2, of: &lowered, online: true) }
        try ask(2, of: &lowered, cents: 1_234)
        #expect(lowered.deposited == whole)
        var withdrawn = try credited(nil, of: quote)
        #expect(withdrawn.deposited == cents(0))
        try ask(2, of: &withdrawn, online: true)
        let rest = try whole.subtracting(cents(1_000))
        _ = try withdrawn.ask(for: rest, by: InvoiceID(3), isOnline: false, severalOnline: false, on: day)
        #expect(throws: QuoteRejection.moreThanLeft(cents(0))) { try ask(4, of: &withdrawn, cents: 1) }
        // Rate by rate: what was billed and stands is what was quoted.
        let left = try withdrawn.deposits.reduce(withdrawn.vat.shares) { try $0.less($1.standing) }
        #expect(left.allSatisfy { $0.base.isZero && $0.vat.isZero })
    }

    @Test func `INV-3, INV-4: a deposit after a credit note of another one has the VAT of its base`() throws {
        // 1 300.03 with 260.01 of VAT and 301.50 with 30.15.
        let quoted = try quote([line("Chirurgie", 13_000_300), line("Croquettes", 3_015_000, at: 1_000)])
        func shares(_ normal: (Int64, Int64), _ reduced: (Int64, Int64)) -> [VATShare] {
            [(2_000, normal), (1_000, reduced)].map { rate, share in
                VATShare(rate: BasisPoints(rate), base: cents(share.0), vat: cents(share.1))
            }
        }
        var history = DepositHistory(of: quoted)
        #expect(try history.ask(for: 49_410).shares == shares((33_957, 6_791), (7_875, 787)))
        #expect(try history.ask(for: 40_904).shares == shares((28_111, 5_622), (6_519, 652)))
        // The credit note leaves the quote what has its VAT, where 136.07 and 27.22 would leave two cents too much.
        let note = try history.credit(19_799, of: 0)
        #expect(note.shares == shares((13_608, 2_721), (3_155, 315)))
        #expect(try history.quote.rest == shares((81_543, 16_309), (18_911, 1_891)))
        #expect(try history.ask(for: 3_715).shares == shares((2_553, 511), (592, 59)))
        #expect(try history.quote.rest == shares((78_990, 15_798), (18_319, 1_832)))

        // Of a quote that such a credit note was written on before, the deposit bears one of the two cents and no more.
        var older = DepositHistory(of: quoted)
        _ = try older.ask(for: 49_410)
        _ = try older.ask(for: 40_904)
        try older.credit(shares((13_607, 2_722), (3_155, 315)), of: 0)
        #expect(try older.ask(for: 3_715).shares == shares((2_553, 511), (592, 59)))
    }

    @Test func `INV-3, INV-4: deposits and credit notes of them, in any order, have the VAT of their bases to a cent`()
        throws
    {
        // What takes all that is left of a rate's base or VAT can be two cents from it, and hardly ever is.
        var (exact, atMostOne, inAll, ends) = (0, 0, 0, 0)
        holds { random in
            var history = DepositHistory(of: try quote(rates: random.number(1...4), seed: &random))
            for _ in 0..<random.number(1...20) {
                guard let part = try history.step(&random) else { continue }
                for (share, left) in zip(part.shares, part.left) {
                    let away = try share.away
                    guard away <= (left.base.isZero || left.vat.isZero ? 2 : 1) else { return false }
                    (exact, inAll) = (exact + (away == 0 ? 1 : 0), inAll + 1)
                }
                // Nothing is negative: no more of a rate was asked for or credited than there was.
                let rest = try history.quote.rest
                let kept = rest + history.quote.deposits.flatMap(\.standing)
                guard kept.allSatisfy({ !$0.base.isNegative && !$0.vat.isNegative }) else { return false }
                guard try rest.allSatisfy({ try $0.away <= 2 }) else { return false }
            }
            // What is left is what the final invoice bills.
            let final = try history.quote.rest.map { try $0.away }
            (atMostOne, ends) = (atMostOne + final.filter { $0 <= 1 }.count, ends + final.count)
            return true
        }
        #expect(exact * 10 > inAll * 8, "\(exact) of \(inAll)")
        #expect(ends > 500 && atMostOne * 200 >= ends * 199, "\(atMostOne) of \(ends)")
    }

    /// As it is read once so much of its deposit, or all, was credited.
    private func credited(_ amount: Money?, of quote: Quote) throws -> Quote {
        let deposits = try quote.deposits.map { deposit in
            try Deposit(
                invoice: deposit.invoice, isOnline: deposit.isOnline, vat: deposit.vat,
                credited: deposit.vat.part(of: amount ?? deposit.vat.total).shares)
        }
        return quote.with(vat: quote.vat, state: quote.state, deposits: deposits)
    }

    private func ask(
        _ id: UInt128, of quote: inout Quote, cents amount: Int64 = 1_000, online: Bool = false, several: Bool = false
    ) throws {
        _ = try quote.ask(for: cents(amount), by: InvoiceID(id), isOnline: online, severalOnline: several, on: day)
    }

    private func quote() throws -> Quote {
        try quote([line("Chirurgie", 1_000_000), line("Radio", 333_300)])
    }

    private func quote(rates: Int, seed random: inout SeededGenerator) throws -> Quote {
        try quote(
            (0..<rates).map { number in
                InvoiceLine(
                    label: "Soin", quantity: .one,
                    unitPrice: UnitPrice(tenThousandths: random.number(100...900_000)) ?? .free,
                    vatRate: BasisPoints([2_000, 1_000, 550, 210][number]))
            })
    }

    private func quote(_ lines: [InvoiceLine]) throws -> Quote {
        try Quote(
            id: QuoteID(1), clinic: ClinicID(1), client: ClientID(1), number: "D-1",
            content: DocumentContent(currency: .eur, lines: lines),
            dates: QuoteDates(issuedOn: day, validUntil: day.adding(days: 30)))
    }
}

/// A quote, what is asked for of it and what is credited of that, in any order.
private struct DepositHistory {
    private(set) var quote: Quote

    /// What a deposit or a credit note says of some rates, and what it left of these.
    struct Part {
        let shares: [VATShare]
        let left: [VATShare]
    }

    init(of quote: Quote) { self.quote = quote }

    mutating func ask(for amount: Int64) throws -> Part {
        let id = InvoiceID(UInt128(quote.deposits.count + 1))
        let deposit = try quote.ask(for: cents(amount), by: id, isOnline: false, severalOnline: false, on: day)
        return Part(shares: deposit.vat.shares, left: try quote.rest)
    }

    /// Credits so much of a deposit, of one rate of it only where that is named.
    mutating func credit(_ amount: Int64, of place: Int, at rate: BasisPoints? = nil) throws -> Part {
        let open = quote.deposits[place].standing.filter { rate == nil || $0.rate == rate }
        let note = try VATBreakdown(open, in: .eur).part(of: cents(amount), backTo: quote.rest)
        try credit(note.shares, of: place)
        return Part(shares: note.shares, left: try open.less(note.shares))
    }

    mutating func credit(_ shares: [VATShare], of place: Int) throws {
        var deposits = quote.deposits
        let deposit = deposits[place]
        let standing = try deposit.standing.less(shares)
        deposits[place] = try Deposit(
            invoice: deposit.invoice, isOnline: false, vat: deposit.vat,
            credited: deposit.vat.shares.less(standing))
        quote = quote.with(vat: quote.vat, state: quote.state, deposits: deposits)
    }

    /// Asks for a part, or credits one of a deposit, often whole; nil where nothing is left of it.
    mutating func step(_ random: inout SeededGenerator) throws -> Part? {
        guard let place = quote.deposits.indices.randomElement(using: &random), random.number(0...1) == 0 else {
            let left = quote.total.minorUnits - quote.deposited.minorUnits
            guard left > 0 else { return nil }
            let most = left / random.number(1...8)
            return try ask(for: random.number(1...max(1, most)))
        }
        let standing = quote.deposits[place].standing
        let rate = random.number(0...2) == 0 ? standing.randomElement(using: &random)?.rate : nil
        let open = standing.filter { rate == nil || $0.rate == rate }
        let left: Int64 = open.reduce(0) { $0 + $1.base.minorUnits + $1.vat.minorUnits }
        guard left > 0 else { return nil }
        return try credit(random.number(0...3) == 0 ? left : random.number(1...left), of: place, at: rate)
    }
}

extension VATShare {
    /// How many cents its VAT is away from the rounded one of its base.
    fileprivate var away: Int64 {
        get throws { abs(vat.minorUnits - (try base.share(rate)).minorUnits) }
    }
}
