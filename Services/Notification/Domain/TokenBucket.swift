package import PaymentModel

/// How many messages a gateway's account may be given per second, counted in millionths of a message.
package struct TokenBucket: Hashable, Sendable {
    private static let whole: Int64 = 1_000_000
    /// In microseconds.
    private static let second: Int64 = 1_000_000

    package let perSecond: Int
    /// What may be taken at once: a tenth of a second's worth, so that a second after a pause gets no two of them.
    ///
    /// And one more, so that what is left of a message at one look does not flow over before the next.
    package private(set) var millionths: Int64
    package private(set) var filledAt: Instant

    package init(perSecond: Int, millionths: Int64, filledAt: Instant) {
        self.perSecond = perSecond
        self.millionths = millionths
        self.filledAt = filledAt
    }

    /// Takes up to so many tokens; whoever gets fewer comes back later.
    package mutating func take(_ wanted: Int, at now: Instant) -> Int {
        fill(at: now)
        let taken = max(0, min(Int64(wanted), millionths / TokenBucket.whole))
        millionths -= taken * TokenBucket.whole
        return Int(taken)
    }

    /// Gives back what was not used.
    package mutating func giveBack(_ tokens: Int) {
        millionths = min(capacity, millionths + Int64(tokens) * TokenBucket.whole)
    }

    private var capacity: Int64 { TokenBucket.whole + Int64(perSecond) * TokenBucket.whole / 10 }

    /// A clock that is a little behind fills nothing; one that was set back fills from there, or nothing would leave
    /// until it is as late again.
    private mutating func fill(at now: Instant) {
        let passed = now.microsecondsSince1970 - filledAt.microsecondsSince1970
        millionths = min(capacity, millionths + min(max(0, passed), TokenBucket.second) * Int64(perSecond))
        if passed > 0 || passed < -TokenBucket.second { filledAt = now }
    }
}
