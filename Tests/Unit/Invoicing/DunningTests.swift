import InvoicingDomain
import NotificationDomain
import PaymentModel
import Testing

/// INV-14: what is late, and how it is asked for.
@Suite struct `Asking for what is late` {
    @Test func `INV-14: reaches each level on its day, and no level twice`() throws {
        #expect(announced(0...400) == [7: 1, 21: 2, 45: 3])
        let none = try #require(DunningLevels([]))
        #expect(none.next(after: nil, on: day.adding(days: 900), dueOn: day, dueAgainOn: nil) == nil)
    }

    /// The first word to a client is never the last one.
    @Test func `INV-14: what is long late when it is looked at first reaches one level after the other`() {
        #expect(announced(60...400) == [60: 1, 74: 2, 98: 3])
        #expect(announced(20...400) == [20: 1, 34: 2, 58: 3], "not the day after")
    }

    @Test func `INV-14: what was settled and is due again reaches its levels from then on`() {
        #expect(announced(60...400, again: 60) == [67: 1, 81: 2, 105: 3])
        #expect(announced(0...400, again: -20) == [7: 1, 21: 2, 45: 3], "it came back before it was due")
    }

    @Test func `INV-14: a level that was taken away is followed by none`() throws {
        let levels = try #require(DunningLevels([DunningLevel(daysLate: 7, label: "Rappel")]))
        let last = AnnouncedLevel(level: 2, on: day)
        #expect(levels.next(after: last, on: day.adding(days: 900), dueOn: day, dueAgainOn: nil) == nil)
    }

    /// Which level is announced how many days after the due day, when it is looked for on each of these.
    private func announced(_ days: ClosedRange<Int>, again: Int? = nil) -> [Int: Int] {
        var (last, found): (AnnouncedLevel?, [Int: Int]) = (nil, [:])
        for late in days {
            let today = day.adding(days: late)
            let level = DunningLevels.standard.next(
                after: last, on: today, dueOn: day, dueAgainOn: again.map { day.adding(days: $0) })
            guard let level else { continue }
            found[late] = level
            last = AnnouncedLevel(level: level, on: today)
        }
        return found
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

    @Test func `INV-14: a consumer's debt ends after two years, a business's after five`() throws {
        let leapDay = try #require(LocalDate("2024-02-29"))
        let end = { (day: LocalDate, isBusiness: Bool) in
            LimitationPeriod.end(dueOn: day, paidOn: nil, fromBusiness: isBusiness)
        }
        #expect(end(day, false) == LocalDate("2028-11-20"))
        #expect(end(leapDay, false) == LocalDate("2026-02-28"))
        #expect(end(day, true) == LocalDate("2031-11-20"))
        #expect(end(leapDay, true) == LocalDate("2029-02-28"))
    }

    @Test func `INV-14: a part that was paid begins the period anew, and no sooner than it was due`() throws {
        let (late, early) = (try #require(LocalDate("2027-03-01")), try #require(LocalDate("2026-01-02")))
        #expect(LimitationPeriod.end(dueOn: day, paidOn: late, fromBusiness: false) == LocalDate("2029-03-01"))
        #expect(LimitationPeriod.end(dueOn: day, paidOn: late, fromBusiness: true) == LocalDate("2032-03-01"))
        #expect(LimitationPeriod.end(dueOn: day, paidOn: early, fromBusiness: false) == LocalDate("2028-11-20"))
    }

    @Test(arguments: [
        ("Merci.\nSolde {{montant}}", DunningText.Fault(kind: .unknownField("montant"), line: 2, column: 7)),
        ("{{amount}} {{ day }} {{link}}", .init(kind: .unknownField("link"), line: 1, column: 22)),
        ("x {{amount\n}}", .init(kind: .notClosed, line: 1, column: 3)),
        ("{{}}", .init(kind: .unknownField(""), line: 1, column: 1)),
    ])
    func `INV-14: a level's words are refused with the line and column of a field there is not`(
        text: String, fault: DunningText.Fault
    ) {
        #expect(DunningText.fault(in: text) == fault)
    }

    @Test func `INV-14: whatever words a level is given, notification reads them, and its fields are those`() {
        let own = Occasion.overdue.fields.filter { $0 != .levelText }.map(\.rawValue)
        #expect(Set(own) == Set(DunningText.fields))
        let pieces = ["{{", "}}", "{", "}", " ", "\n", "é", "amount", "{{amount}}", "{{ day }}", "{{link}}", "{{{"]
        holds(seeds: 1...300) { generator in
            let text = (0..<Int.random(in: 0...8, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let fault = DunningText.fault(in: text)
            do throws(MessageTemplate.Fault) {
                _ = try MessageTemplate(text, of: .overdue, asSubject: true)
                return fault == nil
            } catch {
                return fault?.line == error.line && fault?.column == error.column
            }
        }
    }
}
