import NotificationDomain
import PaymentModel
import Testing

/// NOT-9: the law's calendar.
@Suite struct `Marketing hours` {
    private static func day(_ text: String) throws -> LocalDate { try #require(LocalDate(text)) }

    /// The table of the law: a day, and where it is a holiday.
    private static let table: [(day: String, regions: Set<HolidayRegion>)] = {
        let all = Set(HolidayRegion.allCases)
        return [
            ("2026-01-01", all), ("2026-04-06", all), ("2026-05-01", all), ("2026-05-08", all), ("2026-05-14", all),
            ("2026-05-25", all), ("2026-07-14", all), ("2026-08-15", all), ("2026-11-01", all), ("2026-11-11", all),
            ("2026-12-25", all), ("2026-04-03", [.alsaceMoselle, .frenchPolynesia]), ("2026-12-26", [.alsaceMoselle]),
            ("2026-05-22", [.martinique]), ("2026-05-27", [.guadeloupe]), ("2026-06-10", [.guyane]),
            ("2026-12-20", [.reunion]), ("2026-04-27", [.mayotte]), ("2026-05-28", [.saintMartin]),
            ("2026-10-09", [.saintBarthelemy]), ("2026-09-24", [.newCaledonia]), ("2026-03-05", [.frenchPolynesia]),
            ("2026-11-20", [.frenchPolynesia]), ("2026-06-29", []), ("2027-03-26", [.alsaceMoselle, .frenchPolynesia]),
            ("2026-04-28", [.wallisAndFutuna]), ("2026-07-29", [.wallisAndFutuna]), ("2026-04-07", []),
            ("2026-12-24", []), ("2026-04-05", []),
        ]
    }()

    @Test(arguments: HolidayRegion.allCases)
    func `NOT-9: know the holidays of each region`(region: HolidayRegion) throws {
        for row in Self.table {
            let isHoliday = FrenchHolidays.contains(try Self.day(row.day), in: region)
            #expect(isHoliday == row.regions.contains(region), "\(row.day) in \(region)")
        }
    }

    @Test func `NOT-9: open next on a working day, at once when they are open, and never skip one`() throws {
        let start = try Self.day("2026-01-01")
        holds { generator in
            let region = HolidayRegion.allCases.randomElement(using: &generator) ?? .mainland
            let opens = generator.number(480...1_198)
            guard let opensAt = LocalTime(minutes: opens),
                let closesAt = LocalTime(minutes: generator.number(opens + 2...1_200)),
                let time = LocalTime(minutes: generator.number(0...1_439))
            else { return false }
            let hours = MarketingHours(opensAt: opensAt, closesAt: closesAt, region: region)
            let day = start.adding(days: generator.number(0...3_650))
            let next = hours.nextOpening(from: day, time)
            guard hours.areOpen(on: next.day, at: next.time) else { return false }
            if hours.areOpen(on: day, at: time) { return next == (day, time) }
            // Every opening between then and now would have been earlier.
            var between = time < hours.opensAt ? day : day.adding(days: 1)
            while between < next.day {
                if hours.areOpen(on: between, at: hours.opensAt) { return false }
                between = between.adding(days: 1)
            }
            return next.time == hours.opensAt && (next.day > day || next.time > time)
        }
    }

    @Test(arguments: [
        ("2026-11-20", 479, false), ("2026-11-20", 480, true), ("2026-11-20", 1_199, true),
        ("2026-11-20", 1_200, false),
        ("2026-11-21", 600, true), ("2026-11-22", 600, false), ("2026-11-11", 600, false),
    ])
    func `NOT-9: are from eight to eight on Mondays to Saturdays`(text: String, minutes: Int, isOpen: Bool) throws {
        let (day, time) = (try Self.day(text), try #require(LocalTime(minutes: minutes)))
        #expect(MarketingHours.standard.areOpen(on: day, at: time) == isOpen)
    }

    @Test(arguments: [(480, 719), (1_140, 59), (1_190, 9), (1_198, 1), (1_199, 0)])
    func `NOT-9: are over for what is still on its way when they close`(minutes: Int, left: Int) throws {
        #expect(MarketingHours.standard.minutesLeft(at: try #require(LocalTime(minutes: minutes))) == left)
    }

    @Test(arguments: [
        ("2026-11-20", 479, "2026-11-20", 480), ("2026-11-20", 480, "2026-11-20", 480),
        ("2026-11-20", 1_198, "2026-11-20", 1_198), ("2026-11-20", 1_199, "2026-11-21", 480),
        ("2026-11-21", 1_199, "2026-11-23", 480), ("2026-11-22", 420, "2026-11-23", 480),
        ("2026-12-24", 1_200, "2026-12-26", 480),
    ])
    func `NOT-9: have a first moment at which something still arrives`(
        text: String, minutes: Int, firstDay: String, firstMinutes: Int
    ) throws {
        let (day, expected) = (try Self.day(text), try Self.day(firstDay))
        let first = MarketingHours.standard.firstChance(from: day, try #require(LocalTime(minutes: minutes)))
        #expect(first.day == expected && first.time.minutes == firstMinutes)
    }

    @Test(
        arguments: [
            ("+262692123456", .mainland, .reunion, "Indian/Reunion"),
            ("+262639123456", .reunion, .mayotte, "Indian/Mayotte"),
            ("+590690123456", .mainland, .guadeloupe, "America/Guadeloupe"),
            ("+590690123456", .saintMartin, .saintMartin, "America/Marigot"),
            ("+594694123456", .mainland, .guyane, "America/Cayenne"),
            ("+596696123456", .guadeloupe, .martinique, "America/Martinique"),
            ("+508551234", .mainland, .saintPierreAndMiquelon, "America/Miquelon"),
            ("+681821234", .mainland, .wallisAndFutuna, "Pacific/Wallis"),
            ("+687751234", .mainland, .newCaledonia, "Pacific/Noumea"),
            ("+68987123456", .mainland, .frenchPolynesia, "Pacific/Tahiti"),
            ("+33612345678", .mainland, .mainland, "Europe/Paris"),
            ("+33612345678", .alsaceMoselle, .alsaceMoselle, "Europe/Paris"),
            ("+33612345678", .reunion, .reunion, "Indian/Reunion"), ("", .guyane, .guyane, "America/Cayenne"),
        ] as [(String, HolidayRegion, HolidayRegion, String)])
    func `NOT-9: are those where a number shows that it is, or else where the organisation is`(
        number: String, organisation: HolidayRegion, region: HolidayRegion, zone: String
    ) {
        let place = Whereabouts(of: number, orOf: organisation)
        #expect(place == Whereabouts(timeZone: zone, region: region))
    }

    @Test(arguments: [
        ("STOP", true), ("stop svp", true), (" Stop.", true), ("ARRÊT", true), ("Unsubscribe", true),
        ("Arrêtez de m'écrire", false), ("Bonjour, stop ?", false), ("stopper", false), ("", false), ("👍", false),
        ("FIN", true), (" Cancel !", true), ("end.", true), ("Quit", true), ("Fin mars me convient", false),
        ("End of the day?", false), ("Cancel my appointment", false), ("Fin 12/03", false), ("STOP 36111", true),
        ("STOPSMS", true), ("StopSMS 36111", true), ("STOP36111", true), ("stopall", true), ("Stopsmsale", false),
    ])
    func `NOT-9: hear a STOP`(reply: String, isStop: Bool) { #expect(StopWord.begins(reply) == isStop) }
}
