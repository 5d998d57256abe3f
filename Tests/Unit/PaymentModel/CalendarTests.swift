import PaymentModel
import Testing

@Suite struct LocalDateTests {
    @Test(arguments: [
        ("1970-01-01", 0, Weekday.thursday), ("1969-12-31", -1, .wednesday), ("2000-02-29", 11_016, .tuesday),
        ("2024-02-29", 19_782, .thursday), ("2026-11-21", 20_778, .saturday), ("0001-01-01", -719_162, .monday),
        ("9999-12-31", 2_932_896, .friday),
    ])
    func `knows its day number and weekday`(text: String, days: Int, weekday: Weekday) throws {
        let date = try #require(LocalDate(text))
        #expect(date.daysSince1970 == days)
        #expect(date.weekday == weekday)
        #expect(date.description == text)
        #expect(LocalDate(daysSince1970: days) == date)
    }

    @Test(arguments: [
        "2023-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "0000-01-01", "2026-1-01",
        "2026-01-01T", "20260101", "+026-01-01", "２０２６-01-01", "",
    ])
    func `is not read from what is no day`(text: String) {
        #expect(LocalDate(text) == nil)
    }

    @Test func `counts every day of 800 years without a gap, leap days included`() throws {
        var date = try #require(LocalDate("1600-01-01"))
        let first = date.daysSince1970
        for offset in 1...292_194 {
            let next = date.adding(days: 1)
            let followsOn =
                (next.year, next.month, next.day) == (date.year, date.month, date.day + 1)
                || (next.day == 1 && date.day == LocalDate.days(inMonth: date.month, of: date.year))
            guard followsOn, next.daysSince1970 == first + offset, date < next else {
                Issue.record("\(next) follows \(date)")
                return
            }
            date = next
        }
        #expect(date.description == "2400-01-01")
    }

    @Test(arguments: [
        ("2024-01-31", 1, "2024-02-29"), ("2023-01-31", 1, "2023-02-28"), ("2024-02-29", 12, "2025-02-28"),
        ("2024-03-31", -1, "2024-02-29"), ("2026-11-21", 3, "2027-02-21"), ("2026-01-15", -1, "2025-12-15"),
        ("9999-12-31", 1, "9999-12-31"), ("0001-01-01", -1, "0001-01-01"), ("2026-01-01", .max, "9999-12-31"),
        ("2026-01-01", .min, "0001-01-01"),
    ])
    func `adds months and keeps to the month's last day`(start: String, months: Int, end: String) {
        #expect(LocalDate(start)?.adding(months: months).description == end)
    }

    @Test func `shows the settlement day of the manuals`() {
        #expect(LocalDate("2022-08-01")?.adding(days: 7).description == "2022-08-08")
    }

    @Test func `goes there and back by any number of days, and stops at the ends of the calendar`() {
        holds { generator in
            let date = LocalDate.earliest.adding(days: generator.number(0...3_652_058))
            let days = generator.number(-1_000_000...1_000_000)
            let moved = date.adding(days: days)
            let isAtEnd = moved == .earliest || moved == .latest
            return (isAtEnd || moved.adding(days: -days) == date) && LocalDate(moved.description) == moved
                && date.adding(days: .max) == .latest && date.adding(days: .min) == .earliest
        }
    }
}

@Suite struct InstantTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-21T22:50:23.123456Z", 1_795_301_423_123_456),
        ("2026-11-21T23:50:23.123456+01:00", 1_795_301_423_123_456), ("1969-12-31T23:59:59.999999Z", -1),
        ("2024-02-29t12:00:00.5z", 1_709_208_000_500_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("2026-11-21T22:50:23.1234569Z", 1_795_301_423_123_456),
        ("2026-11-21T17:20:23.123456-05:30", 1_795_301_423_123_456),
    ])
    func `is read from RFC 3339 with any offset`(text: String, microseconds: Int64) {
        #expect(Instant(text)?.microsecondsSince1970 == microseconds)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T22:50Z", "2026-11-21T22:50:23", "2026-11-21T24:00:00Z", "2026-11-21T22:60:00Z",
        "2026-11-21T22:50:61Z", "2026-11-21T22:50:23.Z", "2023-02-29T00:00:00Z", "2026-11-21T22:50:23+0100",
        "2026-11-21T22:50:23Z ", "2026-11-21T22:50:23+24:00",
    ])
    func `is not read from anything else`(text: String) {
        #expect(Instant(text) == nil)
    }

    @Test func `round trips through its text, and its texts sort as it does`() {
        holds(seeds: 1...2_000) { generator in
            let range = -62_135_596_800_000_000...253_402_300_799_999_999 as ClosedRange<Int64>
            let one = Instant(microsecondsSince1970: generator.number(range))
            let other = Instant(microsecondsSince1970: generator.number(range))
            return Instant(one.description) == one && (one < other) == (one.description < other.description)
                && one.description.utf8.count == 27
        }
    }

    @Test func `moves by durations and stops at the ends of its range`() {
        holds { generator in
            let one = Instant(microsecondsSince1970: generator.extremeInt64())
            let other = Instant(microsecondsSince1970: generator.extremeInt64())
            return other.adding(one - other) == one && one.adding(.seconds(Int64.max)).microsecondsSince1970 == .max
                && one.adding(.seconds(Int64.min)).microsecondsSince1970 == .min && !one.description.isEmpty
        }
    }

    @Test func `falls into its day before 1970 too`() {
        #expect(Instant(microsecondsSince1970: -1).utcDate.description == "1969-12-31")
        #expect(Instant(secondsSince1970: -1).secondsSince1970 == -1)
        #expect(Instant(secondsSince1970: .max).microsecondsSince1970 == .max)
    }
}
