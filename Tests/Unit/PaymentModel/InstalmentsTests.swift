import PaymentModel
import Testing

@Suite struct `GEN-4: instalments of a sum` {
    @Test(arguments: [
        (7_500, 2, [3_750, 3_750]), (39_900, 3, [13_300, 13_300, 13_300]), (20_000, 3, [6_668, 6_666, 6_666]),
        (547, 3, [183, 182, 182]), (2, 4, [2, 0, 0, 0]), (0, 3, [0, 0, 0]), (-20_000, 3, [-6_668, -6_666, -6_666]),
        (1, 1, [1]),
    ])
    func `puts the odd cents first, as published schedules do (C-24)`(total: Int64, count: Int, parts: [Int64]) throws {
        #expect(try Instalments.split(.euros(cents: total), into: count).map(\.minorUnits) == parts)
    }

    @Test func `sums to the total, whatever total and count (C-24)`() {
        holds { generator in
            let total = Money.euros(cents: generator.extremeInt64())
            let count = generator.number(1...Instalments.countMax)
            let parts = try Instalments.split(total, into: count)
            return try parts.count == count && Money.sum(parts, in: .eur) == total
        }
    }

    @Test func `gives equal parts but for the first, which has fewer odd cents than there are parts`() {
        holds { generator in
            let count = generator.number(1...60)
            let parts = try Instalments.split(.euros(cents: generator.extremeInt64()), into: count).map(\.minorUnits)
            let rest = Set(parts.dropFirst())
            guard let first = parts.first, let other = rest.first else { return count == 1 }
            return rest.count == 1 && (first - other).magnitude < UInt64(count)
        }
    }

    @Test func `sums to the total in proportion to any weights, none a cent off (C-24)`() {
        holds(seeds: 1...2_000) { generator in
            let total = generator.extremeInt64()
            let weights = (0..<generator.number(1...12)).map { _ in
                generator.number(0...3) == 0 ? 0 : generator.number(0...(Int64.max >> generator.number(0...62)))
            }
            let whole = weights.reduce(Int128(0)) { $0 + Int128($1) }
            guard whole > 0 else { return true }
            let parts = try Instalments.split(.euros(cents: total), inProportionTo: weights)
            let isFair = zip(parts, weights).allSatisfy { part, weight in
                let exact = Int128(total) * Int128(weight)
                let floor = exact / whole
                return weight == 0 ? part.isZero : (Int128(part.minorUnits) - floor).magnitude <= 1
            }
            return try isFair && Money.sum(parts, in: .eur) == .euros(cents: total)
        }
    }

    @Test func `gives no part more than its weight when the total is not more than the weights`() {
        holds(seeds: 1...2_000) { generator in
            let weights = (0..<generator.number(1...12)).map { _ in generator.number(0...1_000 as ClosedRange<Int64>) }
            let whole = weights.reduce(0, +)
            guard whole > 0 else { return true }
            let parts = try Instalments.split(.euros(cents: generator.number(0...whole)), inProportionTo: weights)
            return zip(parts, weights).allSatisfy { $0.minorUnits <= $1 }
        }
    }

    @Test func `refuses what cannot be divided`() {
        let total = Money.euros(cents: 100)
        #expect(throws: InstalmentError.countOutOfRange(0)) { try Instalments.split(total, into: 0) }
        #expect(throws: InstalmentError.countOutOfRange(-1)) { try Instalments.split(total, into: -1) }
        #expect(throws: InstalmentError.countOutOfRange(1_001)) { try Instalments.split(total, into: 1_001) }
        #expect(throws: InstalmentError.countOutOfRange(0)) { try Instalments.split(total, inProportionTo: []) }
        #expect(throws: InstalmentError.noWeight) { try Instalments.split(total, inProportionTo: [0, 0]) }
        #expect(throws: InstalmentError.negativeWeight(-1)) { try Instalments.split(total, inProportionTo: [2, -1]) }
    }
}
