import PaymentModel
import ReconciliationDomain
import Testing

@Suite struct `A day of banks` {
    @Test(arguments: [
        ("2026-11-27", "2026-11-27"), ("2026-11-28", "2026-11-30"), ("2026-11-29", "2026-11-30"),
        ("2026-12-24", "2026-12-24"), ("2026-12-25", "2026-12-28"), ("2025-12-25", "2025-12-29"),
        ("2027-01-01", "2027-01-04"), ("2026-05-01", "2026-05-04"), ("2026-04-03", "2026-04-07"),
        ("2024-03-29", "2024-04-02"), ("2025-04-18", "2025-04-22"), ("2025-04-17", "2025-04-17"),
        // Holidays of the country are none of the banks'; what was counted in days stays where banks work.
        ("2026-07-14", "2026-07-14"), ("2026-05-14", "2026-05-14"), ("2022-08-08", "2022-08-08"),
    ])
    func `REC-6 is the day itself or the next on which transfers are passed on`(day: String, first: String) throws {
        #expect(BankDays.first(from: try #require(LocalDate(day))) == LocalDate(first))
    }

    @Test func `REC-6 is never far, and no day between is one`() {
        holds { random in
            guard let day = LocalDate(daysSince1970: random.number(-10_000...60_000)) else { return false }
            let first = BankDays.first(from: day)
            let days = first.daysSince1970 - day.daysSince1970
            guard (0...4).contains(days), first.weekday != .saturday, first.weekday != .sunday else { return false }
            return BankDays.contains(first) && (0..<days).allSatisfy { !BankDays.contains(day.adding(days: $0)) }
        }
    }
}
