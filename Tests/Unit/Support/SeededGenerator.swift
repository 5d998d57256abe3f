import Testing

/// SplitMix64: small, and the same everywhere for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func number<T: FixedWidthInteger>(_ range: ClosedRange<T>) -> T { T.random(in: range, using: &self) }

    /// Any amount, often one at the edge where arithmetic breaks.
    mutating func extremeInt64() -> Int64 {
        switch number(0...5) {
        case 0: .max - number(0...3)
        case 1: .min + number(0...3)
        case 2: number(-3...3)
        case 3: number(-1_000_000...1_000_000)
        default: number(.min ... .max)
        }
    }
}

/// Tries a property with many seeds; the first that breaks it is reported with its seed, to be run again alone.
func holds(
    seeds: ClosedRange<UInt64> = 1...500, sourceLocation: SourceLocation = #_sourceLocation,
    _ property: (inout SeededGenerator) throws -> Bool
) {
    for seed in seeds {
        var generator = SeededGenerator(seed: seed)
        do {
            guard try !property(&generator) else { continue }
            Issue.record("does not hold with seed \(seed)", sourceLocation: sourceLocation)
        } catch {
            Issue.record("throws \(error) with seed \(seed)", sourceLocation: sourceLocation)
        }
        return
    }
}
