import Synchronization

/// Where new identities come from; passed in, so that tests and simulations repeat.
package struct IdentifierSource: Sendable {
    package let next: @Sendable () -> UInt128

    package init(next: @escaping @Sendable () -> UInt128) { self.next = next }

    /// A new identity of the kind the caller needs.
    package func make<ID: Identifier>() -> ID { ID(next()) }

    /// The same ids in the same order for the same seed, shaped like UUIDv7 and rising.
    package static func fixed(_ seed: UInt64 = 1) -> IdentifierSource {
        let counter = Counter()
        return IdentifierSource {
            let count = counter.next()
            return identifier(milliseconds: firstMilliseconds + count, noise: (mixed(seed), mixed(seed ^ mixed(count))))
        }
    }
}

/// The first millisecond of 2026, so that made-up ids look like those of our days.
private let firstMilliseconds: UInt64 = 1_767_225_600_000

private final class Counter: Sendable {
    private let value = Atomic<UInt64>(0)
    func next() -> UInt64 { value.add(1, ordering: .relaxed).newValue }
}

private func identifier(milliseconds: UInt64, noise: (UInt64, UInt64)) -> UInt128 {
    let time = UInt128(milliseconds & 0xFFFF_FFFF_FFFF) << 80
    let version = UInt128(7) << 76 | UInt128(noise.0 & 0xFFF) << 64
    let variant = UInt128(0b10) << 62 | UInt128(noise.1 & 0x3FFF_FFFF_FFFF_FFFF)
    return time | version | variant
}

/// The SplitMix64 finaliser: spreads a counter over 64 bits without a generator's state.
private func mixed(_ value: UInt64) -> UInt64 {
    var mixing = value &+ 0x9E37_79B9_7F4A_7C15
    mixing = (mixing ^ (mixing >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixing = (mixing ^ (mixing >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixing ^ (mixing >> 31)
}
