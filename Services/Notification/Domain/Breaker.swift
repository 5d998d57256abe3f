package import PaymentModel

/// Leaves a gateway alone that fails again and again, and tries it with one message after a pause.
package struct Breaker: Hashable, Sendable {
    package private(set) var failures: Int
    /// Until when the gateway is left alone; nil when it is not.
    package private(set) var restsUntil: Instant?

    package init(failures: Int = 0, restsUntil: Instant? = nil) {
        self.failures = failures
        self.restsUntil = restsUntil
    }

    /// How many of so many messages may be given to it; one, after a pause, to find out whether it works again.
    package mutating func permit(_ wanted: Int, at now: Instant, rest: Duration) -> Int {
        guard let restsUntil else { return wanted }
        guard now >= restsUntil, wanted > 0 else { return 0 }
        // Whoever asks next waits for what becomes of this one.
        self.restsUntil = now.adding(rest)
        return 1
    }

    /// There was no message to try it with: whoever has one next may.
    package mutating func giveBack(at now: Instant) {
        if restsUntil != nil { restsUntil = now }
    }

    package mutating func fail(at now: Instant, failuresMax: Int, rest: Duration) {
        failures += 1
        if failures >= failuresMax { restsUntil = now.adding(rest) }
    }

    package mutating func succeed() { self = Breaker() }
}
