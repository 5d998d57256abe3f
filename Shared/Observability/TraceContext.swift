/// Where a piece of work stands in a distributed trace, as W3C Trace Context defines it.
package struct TraceContext: Hashable, Sendable {
    /// Id of the whole trace; never zero.
    package let traceID: UInt128

    /// Id of the part that called us, or of our own part once we made one; never zero.
    package let spanID: UInt64

    /// Whether the caller records this trace.
    package let isSampled: Bool

    /// A context of known ids; a zero is refused since the standard reserves it for "none".
    package init?(traceID: UInt128, spanID: UInt64, isSampled: Bool) {
        guard traceID != 0, spanID != 0 else { return nil }
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Reads a `traceparent` header; anything malformed is no context, as the standard demands.
    package init?(traceparent: String) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, let version = Self.hexadecimal(parts[0], digits: 2), version != 0xFF,
            parts.count == 4 || version != 0,
            let traceID = Self.hexadecimal(parts[1], digits: 32),
            let spanID = Self.hexadecimal(parts[2], digits: 16),
            let flags = Self.hexadecimal(parts[3], digits: 2)
        else { return nil }
        self.init(traceID: traceID, spanID: UInt64(truncatingIfNeeded: spanID), isSampled: flags & 1 == 1)
    }

    /// Starts a new trace.
    package static func start(using randomness: inout some RandomNumberGenerator) -> TraceContext {
        let high = UInt128(randomness.next()) << 64
        let traceID = high | UInt128(max(1, randomness.next()))
        return TraceContext(known: traceID, spanID: max(1, randomness.next()), isSampled: false)
    }

    /// Our own part of the caller's trace.
    package func child(using randomness: inout some RandomNumberGenerator) -> TraceContext {
        TraceContext(known: traceID, spanID: max(1, randomness.next()), isSampled: isSampled)
    }

    /// The header to send on.
    package var traceparent: String { "00-\(traceIDText)-\(spanIDText)-\(isSampled ? "01" : "00")" }

    /// The trace id as 32 hexadecimal digits.
    package var traceIDText: String { Self.padded(String(traceID, radix: 16), to: 32) }

    /// The span id as 16 hexadecimal digits.
    package var spanIDText: String { Self.padded(String(spanID, radix: 16), to: 16) }
}

extension TraceContext {
    private init(known traceID: UInt128, spanID: UInt64, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Upper-case digits are malformed by the standard, and `+` would pass Swift's own parser.
    private static func hexadecimal(_ text: Substring, digits: Int) -> UInt128? {
        guard text.utf8.count == digits, text.utf8.allSatisfy(isLowerCaseDigit) else { return nil }
        return UInt128(text, radix: 16)
    }

    private static func isLowerCaseDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func padded(_ text: String, to width: Int) -> String {
        String(repeating: "0", count: width - text.utf8.count) + text
    }
}
