import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-2: the most a client's fee may be` {
    private static let first = LocalDate("2026-01-01") ?? .earliest
    private static let table = UsuryTable([
        UsuryTable.Period(
            from: first,
            ceilings: [
                UsuryTable.Ceiling(upTo: 300_000, rate: BasisPoints(2_356)),
                UsuryTable.Ceiling(upTo: 600_000, rate: BasisPoints(1_587)),
                UsuryTable.Ceiling(upTo: nil, rate: BasisPoints(867)),
            ])
    ])

    /// Equal parts a month apart, the first today.
    private static func schedule(_ cents: Int64, _ count: Int) -> [ScheduledInstalment] {
        (0..<count).map { number in
            ScheduledInstalment(
                dueOn: first.adding(months: number), amount: .euros(cents: cents / Int64(count)),
                customerFee: .euros(cents: 0))
        }
    }

    @Test(arguments: [(2, 870), (3, 1_740), (4, 2_590)])
    func `is 0.87, 1.74 and 2.59 percent in two, three and four times at 23.56 percent a year`(
        count: Int, perHundredThousand: Int
    ) throws {
        let most = try #require(Self.table.feeMax(beside: Self.schedule(120_000, count), on: Self.first))
        let expected = Int64(120_000 * perHundredThousand / 100_000)
        #expect(abs(most.minorUnits - expected) <= expected / 25, "months are not all a twelfth of a year")
    }

    @Test func `knows 1.5 percent in three times as 20 percent a year`() throws {
        let schedule = Self.schedule(120_000, 3)
        for (rate, allowed) in [(2_050, true), (1_900, false)] {
            let table = UsuryTable([
                UsuryTable.Period(from: Self.first, ceilings: [UsuryTable.Ceiling(upTo: nil, rate: BasisPoints(rate))])
            ])
            let most = try #require(table.feeMax(beside: schedule, on: Self.first))
            #expect((most.minorUnits >= 1_800) == allowed)
        }
    }

    @Test func `is an earlier quarter's from the first day of the next`() throws {
        for (text, expected) in [("2026-01-01", false), ("2026-03-31", false), ("2026-04-01", true)] {
            let day = try #require(LocalDate(text))
            #expect(Self.table.isOutdated(on: day) == expected, "\(text)")
        }
        #expect(UsuryTable([]).isOutdated(on: Self.first))
    }

    @Test func `goes by the size of the credit and by the day`() {
        let day = Self.first
        #expect(Self.table.ceiling(for: .euros(cents: 300_000), on: day) == BasisPoints(2_356))
        #expect(Self.table.ceiling(for: .euros(cents: 300_001), on: day) == BasisPoints(1_587))
        #expect(Self.table.ceiling(for: .euros(cents: 900_000), on: day) == BasisPoints(867))
        #expect(Self.table.ceiling(for: .euros(cents: 1), on: day.adding(days: -1)) == nil)
        let later = UsuryTable.Period(
            from: day.adding(days: 90), ceilings: [UsuryTable.Ceiling(upTo: nil, rate: BasisPoints(100))])
        let earlier = UsuryTable.Period(
            from: day, ceilings: [UsuryTable.Ceiling(upTo: nil, rate: BasisPoints(200))])
        let both = UsuryTable([later, earlier])
        #expect(both.ceiling(for: .euros(cents: 1), on: day.adding(days: 89)) == BasisPoints(200))
        #expect(both.ceiling(for: .euros(cents: 1), on: day.adding(days: 90)) == BasisPoints(100))
    }

    @Test func `refuses a plan by a cent, and leaves a free one alone`() throws {
        let schedule = Self.schedule(90_000, 3)
        let most = try #require(Self.table.feeMax(beside: schedule, on: Self.first))
        for fee in [0, most.minorUnits] {
            let offer = Self.offer(schedule, fee)
            #expect(offer.within(Self.table, on: Self.first) == offer)
        }
        let tooMuch = Self.offer(schedule, most.minorUnits + 1).within(Self.table, on: Self.first)
        #expect(tooMuch.verdict == .notEligible(.feeAboveCeiling(most)))
    }

    @Test func `grows with the rate and with the wait, and nothing overflows`() {
        holds { generator in
            let amount = generator.number(1...99_999_999_999) as Int64
            let (rate, days) = (generator.number(0...5_000) as Int, generator.number(0...400) as Int)
            let here = Self.most(amount, rate, days)
            return here >= 0 && Self.most(amount, rate + 100, days) >= here
                && Self.most(amount, rate, days + 30) >= here && Self.most(amount, 0, days) <= 1
        }
    }

    private static func offer(_ schedule: [ScheduledInstalment], _ fee: Int64) -> PlanOffer {
        PlanOffer(
            plan: .inInstalments(3),
            verdict: .eligible(schedule: schedule, customerFee: .euros(cents: fee), clinicFee: nil))
    }

    /// The most a client may be asked for one payment of an amount in so many days.
    private static func most(_ amount: Int64, _ rate: Int, _ days: Int) -> Int64 {
        let table = UsuryTable([
            UsuryTable.Period(from: first, ceilings: [UsuryTable.Ceiling(upTo: nil, rate: BasisPoints(rate))])
        ])
        let due = ScheduledInstalment(
            dueOn: first.adding(days: days), amount: .euros(cents: amount), customerFee: .euros(cents: 0))
        return table.feeMax(beside: [due], on: first)?.minorUnits ?? -1
    }
}
