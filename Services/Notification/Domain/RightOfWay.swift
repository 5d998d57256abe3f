package import PaymentModel

/// How long other messages hold back while an urgent one is on its way, and never for more than half of the time.
///
/// A message somebody waits for at the desk shares processors, disk and gateway with thousands nobody waits for. Those
/// begin nothing new for a moment; however many urgent ones are asked for, the others keep half of the time (NOT-11).
package struct RightOfWay: Hashable, Sendable {
    /// What may be granted in one piece after a while without any.
    package static let most = Duration.seconds(1)

    private var left = RightOfWay.most
    private var grownAt: Instant?
    /// Until when the others hold back.
    private var end: Instant?

    package init() {}

    /// Grants as much of what is wanted as there is left; answers for how long the others hold back from now on.
    package mutating func grant(_ wanted: Duration, at now: Instant) -> Duration {
        grow(at: now)
        let running = end.map { min(max($0 - now, .zero), Self.most) } ?? .zero
        let more = min(max(wanted - running, .zero), left)
        left -= more
        end = now.adding(running + more)
        return running + more
    }

    /// A clock that went back brings nothing.
    private mutating func grow(at now: Instant) {
        if let grownAt { left = min(Self.most, left + max(now - grownAt, .zero) / 2) }
        grownAt = max(grownAt ?? now, now)
    }
}
