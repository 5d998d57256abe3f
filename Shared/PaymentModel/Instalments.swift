/// Why an amount could not be divided.
package enum InstalmentError: Error, Hashable, Sendable {
    case countOutOfRange(Int)
    case negativeWeight(Int64)
    case noWeight
}

/// The one allocator: whatever divides money comes here, and the parts always sum to the whole (C-24).
package enum Instalments {
    /// The most parts an amount may be divided into.
    package static let countMax = 1_000

    /// Equal parts; the odd cents all come on the first one, as providers do (200.00 in 3 is 66.68 + 66.66 + 66.66).
    package static func split(_ total: Money, into count: Int) throws(InstalmentError) -> [Money] {
        guard (1...countMax).contains(count) else { throw .countOutOfRange(count) }
        let (part, odd) = total.minorUnits.quotientAndRemainder(dividingBy: Int64(count))
        var parts = Array(repeating: Money(part, total.currency), count: count)
        // |part + odd| is at most |total|, so this cannot overflow.
        parts[0] = Money(part + odd, total.currency)
        return parts
    }

    /// Parts in proportion to weights; no part is a whole cent away from its exact share.
    ///
    /// The odd cents go one by one to the first parts that were cut down, so a part of weight zero gets nothing and a
    /// total that is not more than the sum of the weights gives no part more than its weight.
    package static func split(
        _ total: Money, inProportionTo weights: [Int64]
    ) throws(InstalmentError) -> [Money] {
        guard (1...countMax).contains(weights.count) else { throw .countOutOfRange(weights.count) }
        for weight in weights where weight < 0 { throw .negativeWeight(weight) }
        let whole = weights.reduce(Int128(0)) { $0 + Int128($1) }
        guard whole > 0 else { throw .noWeight }

        var odd = Int128(total.minorUnits)
        let exact = weights.map { weight in
            let share = (Int128(total.minorUnits) * Int128(weight)).quotientAndRemainder(dividingBy: whole)
            odd -= share.quotient
            return share
        }
        let cent = Int64(total.minorUnits.signum())
        return exact.map { share in
            // A share is between zero and the total, so it fits; so does the cent that rounds it outwards.
            var part = Int64(share.quotient)
            if odd != 0, share.remainder != 0 {
                part += cent
                odd -= Int128(cent)
            }
            return Money(part, total.currency)
        }
    }
}
