import FoundationEssentials
package import PaymentModel
import Synchronization

extension TimeSource {
    /// The clock of this machine.
    package static let system = TimeSource {
        Instant(microsecondsSince1970: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded()))
    }
}

extension IdentifierSource {
    /// UUIDs of version 7 that only ever rise within this process.
    ///
    /// The 12 bits after the milliseconds carry a finer part of the time (RFC 9562, method 3); ids made in the same
    /// moment, or after the clock was set back, count on from the last.
    package static let system: IdentifierSource = make(time: .system) { UInt64.random(in: .min ... .max) }

    /// The same with a clock and randomness of the caller's.
    package static func make(
        time: TimeSource, randomness: @escaping @Sendable () -> UInt64
    ) -> IdentifierSource {
        let last = LastMoment()
        return IdentifierSource {
            let moment = last.rise(to: fineMilliseconds(time.now()))
            let milliseconds = UInt128(moment >> 12) << 80
            let fraction = UInt128(moment & 0xFFF) << 64
            let version = UInt128(7) << 76
            let variant = UInt128(0b10) << 62
            return milliseconds | version | fraction | variant | UInt128(randomness() >> 2)
        }
    }

    /// Milliseconds since 1970 with 12 bits of fraction.
    private static func fineMilliseconds(_ now: Instant) -> UInt64 {
        let microseconds = UInt64(max(0, now.microsecondsSince1970))
        return (microseconds / 1_000) << 12 | (microseconds % 1_000) * 4_096 / 1_000
    }
}

/// Makes moments rise even when the clock does not.
private final class LastMoment: Sendable {
    private let moment = Mutex<UInt64>(0)

    func rise(to now: UInt64) -> UInt64 {
        moment.withLock { last in
            last = max(now, last + 1)
            return last
        }
    }
}
