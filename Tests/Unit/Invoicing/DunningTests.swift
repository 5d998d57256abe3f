import InvoicingDomain
import PaymentModel
import Testing

/// INV-14: what is late, and how it is asked for.
@Suite struct `Asking for what is late` {
    @Test func `INV-14: reaches each level on its day, and no level twice`() throws {
        let levels = DunningLevels.standard
        let reached = (0...50).map { levels.level(afterDays: $0) }
        #expect(reached == reached.sorted())
        #expect([6, 7, 20, 21, 44, 45].map { levels.level(afterDays: $0) } == [0, 1, 1, 2, 2, 3])
        #expect(try #require(DunningLevels([])).level(afterDays: 900) == 0)
    }

    @Test func `INV-14: levels come one after the other`() {
        let level = { (days: Int) in DunningLevel(daysLate: days, label: "Relance") }
        #expect(DunningLevels([level(7), level(7)]) == nil)
        #expect(DunningLevels([level(8), level(7)]) == nil)
        #expect(DunningLevels([level(0)]) == nil)
        #expect(DunningLevels((1...10).map(level)) == nil)
    }

    @Test func `INV-14: sums by 0, 30, 60 and 90 days; the due day itself is not late`() {
        let buckets = [-400, 0, 1, 30, 31, 60, 61, 90, 91, 4_000].map { AgeingBucket(daysLate: $0) }
        #expect(
            buckets == [
                .notDue, .notDue, .upTo30, .upTo30, .upTo60, .upTo60, .upTo90, .upTo90, .over90, .over90,
            ])
    }

    @Test func `INV-14: a consumer's debt ends after two years`() throws {
        #expect(LimitationPeriod.end(dueOn: day) == LocalDate("2028-11-20"))
        #expect(try LimitationPeriod.end(dueOn: #require(LocalDate("2024-02-29"))) == LocalDate("2026-02-28"))
    }
}
