import PaymentModel
import ReconciliationDomain
import Testing

/// REC-10: what a till took, held against what a person counted.
@Suite struct `Counting a till` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest
    private let cash = TillSum.Method(code: "ESP", tender: .cash)
    private let cheques = TillSum.Method(code: "CHQ", tender: .cheque)

    @Test func `takes a count that is right without a word`() throws {
        let cashUp = try close([sum(cash, 5_000), sum(cheques, 300)], [count(cash, 5_000), count(cheques, 300)])
        #expect(cashUp.lines.map(\.method.code) == ["CHQ", "ESP"])
        #expect(try cashUp.lines.allSatisfy { try $0.surplus().isZero && $0.difference == nil })
    }

    @Test(
        arguments: [(4_990, Account.shortages), (5_010, .surpluses), (4_990, .suspense), (5_010, .suspense)]
            as [(Int64, Account)])
    func `wants a reason and an account for what is missing or too much`(counted: Int64, account: Account) throws {
        let difference = Money.euros(cents: counted - 5_000)
        #expect(throws: CashUp.Rejection.difference(.unexplained(difference, of: "ESP"))) {
            try close([sum(cash, 5_000)], [count(cash, counted)])
        }
        let said = Difference(account: account, reason: "change")
        let cashUp = try close([sum(cash, 5_000)], [count(cash, counted, said)])
        #expect(try cashUp.lines[0].surplus() == difference && cashUp.lines[0].difference == said)
        let entry = try Booking.tillDifference(cashUp.lines[0].surplus(), as: .cash, to: account, on: day)
        #expect(entry.lines.contains { $0.account == .cash && $0.amount == difference })
        #expect(entry.lines.contains { $0.account == account && $0.amount.minorUnits == -difference.minorUnits })
    }

    @Test(
        arguments: [(4_990, Account.surpluses), (5_010, .shortages), (4_990, .commissions), (4_990, .clients)]
            as [(Int64, Account)])
    func `takes no account that cannot have the difference`(counted: Int64, account: Account) {
        #expect(throws: CashUp.Rejection.self) {
            try close([sum(cash, 5_000)], [count(cash, counted, Difference(account: account, reason: "x"))])
        }
    }

    @Test func `wants every method counted once, on a day that has begun`() {
        #expect(throws: CashUp.Rejection.notCounted(method: "CHQ", expected: .euros(cents: 300))) {
            try close([sum(cash, 5_000), sum(cheques, 300)], [count(cash, 5_000)])
        }
        #expect(throws: CashUp.Rejection.countedTwice(method: "ESP")) {
            try close([sum(cash, 5_000)], [count(cash, 5_000), count(cash, 5_000)])
        }
        #expect(throws: CashUp.Rejection.difference(.noDifference(of: "ESP"))) {
            try close([sum(cash, 5)], [count(cash, 5, Difference(account: .suspense, reason: "x"))])
        }
        #expect(throws: CashUp.Rejection.notYet(day)) {
            try CashUp(of: [], counted: [], on: day, today: day.adding(days: -1))
        }
        #expect(throws: Never.self) { try close([sum(cheques, 0)], []) }
    }

    @Test func `keeps every sum and every count, in any order`() {
        holds { random in
            let methods = Tender.allCases.map { TillSum.Method(code: $0.rawValue, tender: $0) }
            let sums = methods.filter { _ in Bool.random(using: &random) }.map { sum($0, random.number(-9...9_000)) }
            let counts = try methods.compactMap { method -> TillCount? in
                let expected = sums.first { $0.method == method }?.amount ?? .zero(.eur)
                let counted = Money.euros(cents: random.number(-9...9_000))
                let surplus = try counted.subtracting(expected)
                let accounts = Difference.accounts(for: surplus, withCommissions: false)
                return TillCount(
                    method: method, counted: counted,
                    difference: surplus.isZero ? nil : Difference(account: accounts[0], reason: "x"))
            }
            let cashUp = try close(sums, counts)
            let booked = try cashUp.lines.map { try $0.surplus().minorUnits }.reduce(0, +)
            return try close(sums.shuffled(using: &random), counts.shuffled(using: &random)) == cashUp
                && counts.reduce(0) { $0 + $1.counted.minorUnits } - sums.reduce(0) { $0 + $1.amount.minorUnits }
                    == booked
        }
    }

    private func close(_ sums: [TillSum], _ counts: [TillCount]) throws -> CashUp {
        try CashUp(of: sums, counted: counts, on: day, today: day)
    }

    private func sum(_ method: TillSum.Method, _ cents: Int64) -> TillSum {
        TillSum(method: method, amount: .euros(cents: cents))
    }

    private func count(_ method: TillSum.Method, _ cents: Int64, _ difference: Difference? = nil) -> TillCount {
        TillCount(method: method, counted: .euros(cents: cents), difference: difference)
    }
}

/// REC-10: money on its way from a till to the bank.
@Suite struct `A remittance` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest

    @Test func `is the sum of its slip, in one currency`() throws {
        let slip = try Remittance(of: [item(2_000, 3), item(50, 2)])
        #expect(slip.amount == .euros(cents: 6_100))
        #expect(throws: Remittance.Rejection.nothing) { try Remittance(of: []) }
        #expect(throws: Remittance.Rejection.nothing) { try Remittance(of: [item(5, 1), item(-5, 1)]) }
        let francs = Remittance.Item(movement: nil, value: Money(5, try #require(Currency("CHF"))), pieces: 1)
        #expect(throws: Remittance.Rejection.severalCurrencies) { try Remittance(of: [item(5, 1), francs]) }
        #expect(throws: Remittance.Rejection.money(.overflow)) { try Remittance(of: [item(.max, 2)]) }
    }

    @Test func `of cash is never more than there is`() throws {
        #expect(try Remittance(ofCash: [item(500, 2)], from: .euros(cents: 1_000)).amount == .euros(cents: 1_000))
        #expect(throws: Remittance.Rejection.notSoMuchCash(has: .euros(cents: 999))) {
            try Remittance(ofCash: [item(500, 2)], from: .euros(cents: 999))
        }
    }

    @Test func `leaves nothing at the till nor under way once the bank has it, whatever the amounts`() {
        holds { random in
            let amount = Money.euros(cents: random.number(-100_000...100_000))
            let received = Money.euros(cents: random.number(-100_000...100_000))
            for tender in Tender.allCases {
                let entries = [
                    try Booking.collection(amount, as: tender, on: day),
                    try Booking.remittance(amount, as: tender, on: day),
                    try Booking.deposit(received: received, of: amount, difference: .shortages, on: day),
                ]
                let lines = entries.flatMap(\.lines)
                let left = lines.filter { [tender.account, .underWay].contains($0.account) }
                guard left.reduce(0, { $0 + $1.amount.minorUnits }) == 0,
                    lines.reduce(0, { $0 + $1.amount.minorUnits }) == 0
                else { return false }
            }
            return true
        }
    }

    private func item(_ cents: Int64, _ pieces: Int) -> Remittance.Item {
        Remittance.Item(movement: nil, value: .euros(cents: cents), pieces: pieces)
    }
}
