import InvoicingDomain
import PaymentModel
import Testing

/// INV-9: money of a client, whatever becomes of it.
@Suite struct `A payment on account` {
    @Test func `INV-9: equals its parts through any moves, and no debt gets more than is due`() throws {
        holds { random in
            var payment = payment(random.number(1...50_000))
            var due = (0..<6).map { _ in random.number(0...20_000) as Int64 }
            for _ in 0..<random.number(1...12) {
                let open = due.enumerated().map { OpenDebt(debt($0), due: cents($1), dueOn: day.adding(days: -$0)) }
                switch random.number(0...3) {
                case 0:
                    let parts = try payment.allocate(over: open, as: .oldestFirst(before: debt(2)), on: day)
                    try count(parts, off: &due)
                case 1:
                    let wish = ToldAllocation(debt(random.number(0...7)), amount: cents(random.number(-5...9_000)))
                    let parts = try? payment.allocate(over: open, as: .told([wish]), on: day)
                    if let parts { try count(parts, off: &due) }
                case 2:
                    let plan = ReversalPlan(
                        cents(random.number(1...9_000)), credit: payment.unallocated, allocations: payment.allocations)
                    if plan.excess.isZero { payment.giveBack(plan) }
                default:
                    for part in (try? payment.reverse(because: .bounced, on: day)) ?? [] {
                        due[try #require(index(part.debt))] += part.amount.minorUnits
                    }
                }
                guard payment.isBalanced, due.allSatisfy({ $0 >= 0 }) else { return false }
            }
            return true
        }
    }

    @Test func `INV-7: is reversed once, as a whole, and not before it was received`() throws {
        var payment = payment(5_000)
        _ = try payment.allocate(
            over: [OpenDebt(debt(0), due: cents(3_000), dueOn: day)], as: .oldestFirst(before: nil), on: day)
        #expect(throws: PaymentRejection.beforeReceipt(day)) {
            try payment.reverse(because: .bounced, on: day.adding(days: -1))
        }
        #expect(try payment.reverse(because: .bounced, on: day) == [Allocation(debt(0), cents(3_000), on: day)])
        #expect(payment.reversal?.amount == cents(5_000) && payment.unallocated == cents(0) && payment.isBalanced)
        #expect(throws: PaymentRejection.isReversed) { try payment.reverse(because: .mistake, on: day) }
    }

    @Test func `INV-9: knows the day of the last count for a debt, whatever is taken back since`() throws {
        var payment = payment(5_000)
        for (later, due) in [(0, 3_000 as Int64), (4, 1_000)] {
            _ = try payment.allocate(
                over: [OpenDebt(debt(0), due: cents(due), dueOn: day)], as: .oldestFirst(before: nil),
                on: day.adding(days: later))
        }
        #expect(payment.allocations == [Allocation(debt(0), cents(4_000), on: day.adding(days: 4))])
        _ = payment.free(cents(1_500), from: debt(0), on: day.adding(days: 5))
        #expect(payment.allocations == [Allocation(debt(0), cents(2_500), on: day.adding(days: 4))])
    }

    @Test func `INV-9: is counted on no day before it came or was last free again, and not reversed before a count`()
        throws
    {
        var payment = payment(5_000)
        let (early, counted, freed) = (day.adding(days: -1), day.adding(days: 4), day.adding(days: 9))
        #expect(throws: PaymentRejection.beforeReceipt(day)) { try payment.admitMove(on: early) }
        try payment.admitMove(on: day)
        _ = try payment.allocate(
            over: [OpenDebt(debt(0), due: cents(3_000), dueOn: day)], as: .oldestFirst(before: nil), on: counted)
        let asItWas = payment
        #expect(throws: PaymentRejection.beforeCount(counted)) {
            try payment.reverse(because: .bounced, on: counted.adding(days: -1))
        }
        #expect(payment == asItWas)
        _ = payment.free(cents(1_000), from: debt(0), on: freed)
        #expect(throws: PaymentRejection.beforeFree(freed)) { try payment.admitMove(on: freed.adding(days: -1)) }
        // What is freed later as of an earlier day leaves the last one.
        _ = payment.free(cents(1_000), from: debt(0), on: counted)
        #expect(payment.freedOn == freed)
        try payment.admitMove(on: freed)
        #expect(throws: PaymentRejection.beforeFree(freed)) {
            try payment.reverse(because: .bounced, on: freed.adding(days: -1))
        }
        _ = try payment.reverse(because: .bounced, on: freed)
    }

    @Test func `INV-9: is not reversed before a count, though all of it was freed since as of an earlier day`() throws {
        var payment = payment(5_000)
        let (freed, counted) = (day.adding(days: 2), day.adding(days: 4))
        for on in [day, counted] {
            _ = try payment.allocate(
                over: [OpenDebt(debt(0), due: cents(3_000), dueOn: day)], as: .oldestFirst(before: nil), on: on)
            _ = payment.free(cents(3_000), from: debt(0), on: freed)
        }
        #expect(payment.allocations == [Allocation(debt(0), cents(0), on: counted)])
        #expect(throws: PaymentRejection.beforeCount(counted)) {
            try payment.reverse(because: .bounced, on: counted.adding(days: -1))
        }
        #expect(try payment.reverse(because: .bounced, on: counted) == [])
    }

    @Test func `INV-7: made online is refunded, not reversed`() {
        var online = PaymentOnAccount(
            id: PaymentOnAccountID(1), client: ClientID(1), clinic: nil, method: "alma", payment: PaymentID(9),
            amount: cents(100), receivedOn: day)
        #expect(throws: PaymentRejection.isOnline) { try online.reverse(because: .mistake, on: day) }
    }

    @Test func `INV-12: is put away on no day before it was last taken out again, and on none to come`() throws {
        var payment = payment(5_000)
        let days = ArchiveDays(restoredOn: day.adding(days: 3), today: day.adding(days: 5))
        #expect(throws: PaymentRejection.beforeReceipt(day)) {
            try payment.archive(on: day.adding(days: -1), within: ArchiveDays(restoredOn: nil, today: day))
        }
        #expect(throws: PaymentRejection.beforeRestoration(day.adding(days: 3))) {
            try payment.archive(on: day.adding(days: 2), within: days)
        }
        #expect(throws: PaymentRejection.notYet(today: day.adding(days: 5))) {
            try payment.archive(on: day.adding(days: 6), within: days)
        }
        for away in [3, 5] {
            try payment.archive(on: day.adding(days: away), within: days)
            #expect(payment.archived?.amount == cents(5_000) && payment.isBalanced)
            #expect(try payment.restore() == cents(5_000))
        }
    }

    @Test func `INV-12: is put away on no day before something of it was last freed`() throws {
        var payment = payment(5_000)
        let freed = day.adding(days: 4)
        _ = try payment.allocate(
            over: [OpenDebt(debt(0), due: cents(3_000), dueOn: day)], as: .oldestFirst(before: nil), on: day)
        _ = payment.free(cents(3_000), from: debt(0), on: freed)
        let days = ArchiveDays(restoredOn: nil, today: freed)
        #expect(throws: PaymentRejection.beforeFree(freed)) {
            try payment.archive(on: freed.adding(days: -1), within: days)
        }
        try payment.archive(on: freed, within: days)
        #expect(payment.archived?.amount == cents(5_000) && payment.isBalanced)
    }

    private func payment(_ amount: Int64) -> PaymentOnAccount {
        PaymentOnAccount(
            id: PaymentOnAccountID(1), client: ClientID(1), clinic: nil, method: "cash", amount: cents(amount),
            receivedOn: day)
    }

    /// Even ones are invoices, odd ones receivables.
    private func debt(_ index: Int) -> Debt {
        index.isMultiple(of: 2) ? .invoice(InvoiceID(UInt128(index))) : .receivable(ReceivableID(UInt128(index)))
    }

    private func index(_ debt: Debt) -> Int? { (0..<8).first { self.debt($0) == debt } }

    private func count(_ parts: [Allocation], off due: inout [Int64]) throws {
        for part in parts { due[try #require(index(part.debt))] -= part.amount.minorUnits }
    }
}

/// INV-8: what is owed without an invoice.
@Suite struct `INV-8: what a client owes without an invoice` {
    @Test func `INV-8: is corrected while nothing was paid on it, and not after`() throws {
        var receivable = receivable(4_000)
        let terms = ReceivableTerms(label: "Croquettes", amount: cents(3_500), dueOn: day)
        #expect(try receivable.correct(to: terms) == .corrected)
        #expect(try receivable.allocate(cents(1), on: day) == .partPaid)
        #expect(throws: ReceivableRejection.alreadyPaid(cents(1))) { try receivable.correct(to: terms) }
        #expect(try receivable.allocate(cents(3_499), on: day) == .settled(on: day))
        #expect(try receivable.reverse(cents(3_499)) == .reopened)
        #expect(try receivable.allocate(cents(3_499), on: day.adding(days: -2)) == .settled(on: day))
        #expect(try receivable.reverse(cents(3_499)) == .reopened)
        #expect(try receivable.reverse(cents(1)) == .partPaid)
        #expect(try receivable.correct(to: terms) == .corrected)
    }

    @Test func `INV-8: equals what was paid, given back and is due through any moves`() throws {
        holds { random in
            var receivable = receivable(random.number(0...10_000))
            for _ in 0..<20 {
                let part = cents(random.number(-3...6_000))
                switch random.number(0...3) {
                case 0: _ = try? receivable.allocate(part, on: day)
                case 1: _ = try? receivable.reverse(part)
                case 2: try? receivable.giveBack(part)
                default:
                    _ = try? receivable.correct(to: ReceivableTerms(label: "Soin", amount: part, dueOn: day))
                }
                let sum = receivable.paid.minorUnits + receivable.credited.minorUnits + receivable.due.minorUnits
                guard sum == receivable.amount.minorUnits, receivable.isBalanced else { return false }
            }
            return true
        }
    }

    private func receivable(_ amount: Int64) -> Receivable {
        Receivable(
            id: ReceivableID(1), clinic: ClinicID(1), client: ClientID(1), recordedOn: day,
            terms: ReceivableTerms(label: "Soin", amount: cents(amount), dueOn: day), paid: cents(0),
            credited: cents(0),
            writtenOff: cents(0))
    }
}
