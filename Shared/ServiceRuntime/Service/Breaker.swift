package import PaymentModel

/// Leaves alone who fails again and again, such as a gateway, and tries it with one thing after a pause.
package struct Breaker: Hashable, Sendable {
    /// How often in a row it failed.
    package private(set) var failures: Int
    /// Until when it is left alone; nil when it is not.
    package private(set) var restsUntil: Instant?

    /// As it stands.
    package init(failures: Int = 0, restsUntil: Instant? = nil) {
        self.failures = failures
        self.restsUntil = restsUntil
    }

    /// Whether nothing may be given to it at this moment.
    ///
    /// A rest that lies further off than one takes is of before the clock was set back, and over.
    package func rests(at now: Instant, rest: Duration) -> Bool {
        restsUntil.map { $0 > now && $0 <= now.adding(rest) } ?? false
    }

    /// How many of so many things may be given to it; one, after a pause, to find out whether it works again.
    package mutating func permit(_ wanted: Int, at now: Instant, rest: Duration) -> Int {
        guard restsUntil != nil else { return wanted }
        guard !rests(at: now, rest: rest), wanted > 0 else { return 0 }
        // Whoever asks next waits for what becomes of this one.
        restsUntil = now.adding(rest)
        return 1
    }

    /// There was nothing to try it with: whoever has something next may.
    package mutating func giveBack(at now: Instant) {
        if restsUntil != nil { restsUntil = now }
    }

    /// It failed: after so many times in a row it is left alone for so long.
    package mutating func fail(at now: Instant, failuresMax: Int, rest: Duration) {
        failures += 1
        if failures >= failuresMax { restsUntil = now.adding(rest) }
    }

    /// It works.
    package mutating func succeed() { self = Breaker() }
}
