import PaymentModel
import ReconciliationDomain
import Testing

/// REC-4: which statements of a day are shown by their balances to come one after another.
@Suite struct `Parts of a day` {
    @Test func `are those before and after, as far as one opens with the balance at which another closed`() {
        let parts = [part(1, 1_000, 1_010), part(2, 1_010, 1_030), part(3, 1_030, 1_040), part(5, 1_060, 1_070)]
        let day = PartsOfDay(parts)
        #expect(day.adjoining(parts[0]) == [StatementID(2), StatementID(3)])
        #expect(day.adjoining(parts[1]) == [StatementID(1), StatementID(3)])
        #expect(day.adjoining(parts[3]) == [], "what lies between is not there")
        let gap = part(4, 1_040, 1_060)
        #expect(PartsOfDay(parts + [gap]).adjoining(parts[3]) == Set([1, 2, 3, 4].map { StatementID($0) }))
    }

    @Test func `are not the whole of which one is a part, nor what is next to that`() {
        let parts = [part(1, 1_000, 1_010), part(2, 1_010, 1_030)]
        let (whole, next) = (part(9, 1_000, 1_030, movements: 2), part(3, 1_030, 1_040))
        let day = PartsOfDay(parts + [whole, next])
        #expect(day.adjoining(whole) == [StatementID(3)])
        #expect(day.adjoining(parts[0]) == [StatementID(2), StatementID(3)])
    }

    @Test func `are none where the account had a balance twice, or what closes as it opened is asked about`() {
        let (first, back, third) = (part(1, 1_000, 1_010), part(2, 1_010, 1_000), part(3, 1_000, 1_020))
        let day = PartsOfDay([first, back, third])
        #expect([first, back, third].allSatisfy { day.adjoining($0).isEmpty })
        let still = part(4, 1_010, 1_010)
        #expect(PartsOfDay([first, still]).adjoining(still) == [])
        #expect(PartsOfDay([first, still]).adjoining(first) == [])
    }

    @Test func `are none where more movements lead to a balance than others do: the account had it twice`() {
        let (first, back) = (part(1, 1_000, 1_007), part(2, 1_007, 1_002))
        let whole = part(9, 1_000, 1_007, movements: 3)
        #expect(PartsOfDay([first, whole, back]).adjoining(back) == [], "what it has may be of the whole")
    }

    @Test func `are those before, and what those are a part of, where as many movements lead to a balance by both`() {
        let (first, second) = (part(1, 1_000, 1_010), part(2, 1_010, 1_030))
        let (both, third) = (part(9, 1_000, 1_030, movements: 2), part(3, 1_030, 1_040))
        let day = PartsOfDay([first, second, both, third])
        #expect(day.adjoining(third) == Set([1, 2, 9].map { StatementID($0) }))
    }

    @Test func `are those beside each of two with the same balances, be they the same under another name`() {
        let (first, second, third) = (part(1, 1_000, 1_010), part(2, 1_010, 1_020), part(3, 1_020, 1_030))
        let again = part(4, 1_010, 1_020)
        let day = PartsOfDay([first, second, third, again])
        #expect([second, again].allSatisfy { day.adjoining($0) == [StatementID(1), StatementID(3)] })
        #expect(day.adjoining(third) == Set([1, 2, 4].map { StatementID($0) }))
    }

    @Test func `go no further than the day`() {
        let before = part(1, 900, 1_000)
        let begun = part(2, 1_000, 1_010, opensWithin: false)
        let (last, later) = (part(3, 1_010, 1_020, closesWithin: false), part(4, 1_020, 1_030))
        let day = PartsOfDay([before, begun, last, later])
        #expect(day.adjoining(begun) == [StatementID(3)])
        #expect(day.adjoining(last) == [StatementID(2)])
        #expect(day.adjoining(before) == [] && day.adjoining(later) == [])
    }

    private func part(
        _ id: UInt128, _ opening: Int64, _ closing: Int64, opensWithin: Bool = true, closesWithin: Bool = true,
        movements: Int64 = 1
    ) -> PartOfDay {
        PartOfDay(
            statement: StatementID(id), opening: opening, closing: closing, opensWithin: opensWithin,
            closesWithin: closesWithin, moved: closing - opening, movements: movements, lacks: true)
    }
}
