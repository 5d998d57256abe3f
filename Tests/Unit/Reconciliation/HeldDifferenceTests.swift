import PaymentModel
import ReconciliationDomain
import Testing

/// REC-8: what waits on account 471 since a person put it there.
@Suite struct `A difference on account 471` {
    private let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest

    private func clear(
        _ cents: Int64, into account: Account = .shortages, by author: String? = nil, days: Int = 0,
        closedThrough closed: LocalDate? = nil
    ) throws -> LedgerEntry {
        try HeldDifference(amount: .euros(cents: cents), bookedOn: day.adding(days: -2), clearedBy: author).clear(
            into: account, on: day.adding(days: days), today: day,
            in: ClosedBooks(last: closed.map { AccountingPeriod(from: .earliest, to: $0) }))
    }

    @Test(arguments: [15, -15] as [Int64])
    func `REC-8 goes to the account that takes it, on the same side`(cents: Int64) throws {
        let amount = Money.euros(cents: cents)
        let entry = try clear(cents)
        #expect(entry.kind == .suspenseCleared && entry.on == day)
        #expect(
            entry.lines == [
                LedgerLine(account: .shortages, amount: amount),
                LedgerLine(account: .suspense, amount: try amount.negated()),
            ])
        #expect(
            try Booking.contrary(of: entry, as: .suspenseClearedUndone).lines.map(\.amount.minorUnits) == [
                -cents, cents,
            ])
    }

    @Test(arguments: Account.all)
    func `REC-8 goes to no account whose sum something else proves`(account: Account) throws {
        let takers: Set<Account> = [.commissions, .shortages, .surpluses, .clients, .withheld]
        #expect(Set(HeldDifference.takers) == takers)
        if takers.contains(account) {
            #expect(try clear(15, into: account).lines.first?.account == account)
            return
        }
        #expect(throws: HeldDifference.Rejection.account(account, not: HeldDifference.takers)) {
            try clear(15, into: account)
        }
    }

    @Test func `REC-8 is cleared once, on a day on which it was there, that has begun and is not closed`() throws {
        #expect(throws: HeldDifference.Rejection.clearedBefore(by: "anna")) { try clear(15, by: "anna") }
        #expect(throws: HeldDifference.Rejection.notBefore(day.adding(days: -2))) { try clear(15, days: -3) }
        #expect(throws: HeldDifference.Rejection.notYet(day.adding(days: 1))) { try clear(15, days: 1) }
        #expect(throws: ClosedBooks.Rejection.closedThrough(day)) { try clear(15, closedThrough: day) }
        #expect(try clear(15, closedThrough: day.adding(days: -1)).on == day)
        #expect(throws: ClosedBooks.Rejection.closedThrough(day.adding(days: -1))) {
            try clear(15, days: -1, closedThrough: day.adding(days: -1))
        }
    }
}
