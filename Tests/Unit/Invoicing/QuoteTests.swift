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
