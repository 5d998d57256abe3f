/// Arithmetic on cents, written apart from the system under test.
enum Cents {
    /// A share in basis points, rounded half up.
    static func share(of amount: Int64, basisPoints: Int64) -> Int64 {
        (amount * basisPoints + 5_000) / 10_000
    }

    /// Equal parts that add up, odd cents in the first part as the provider does.
    static func split(_ amount: Int64, into count: Int) -> [Int64] {
        let each = amount / Int64(count)
        var parts = Array(repeating: each, count: count)
        parts[0] += amount - each * Int64(count)
        return parts
    }

    /// "129.90" or "-0.05".
    static func text(_ cents: Int64) -> String {
        let magnitude = cents.magnitude
        let sign = cents < 0 ? "-" : ""
        return "\(sign)\(magnitude / 100).\(padded(Int64(magnitude % 100), 2))"
    }
}
