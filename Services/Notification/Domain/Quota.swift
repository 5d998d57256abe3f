/// Parts of a quota that messages have and of which it was not told yet whether a gateway bills them.
package struct HeldParts: Hashable, Sendable {
    /// Of messages for which no gateway was called.
    package private(set) var promised: Int
    /// Of messages for which one is called, or was.
    package private(set) var taken: Int

    package init(promised: Int = 0, taken: Int = 0) {
        self.promised = promised
        self.taken = taken
    }

    /// A claim takes what was promised, so the next of the same message takes nothing; answers how much it was.
    package mutating func take() -> Int {
        defer { promised = 0 }
        taken += promised
        return promised
    }

    package static func += (held: inout HeldParts, more: HeldParts) {
        held.promised += more.promised
        held.taken += more.taken
    }
}

/// Parts of SMS an organisation bought, and what became of them; never more is promised than there is (NOT-8).
package struct Quota: Hashable, Sendable {
    /// Why a step is refused.
    package enum Rejection: Error, Hashable, Sendable {
        /// So many are left, and so many were wanted.
        case tooFew(left: Int, wanted: Int)
        /// An entry of nothing.
        case nothing
    }

    /// Bought, less what was corrected.
    package private(set) var booked: Int
    /// Promised to messages for which no gateway was called yet.
    package private(set) var reserved: Int
    /// Billed by gateways, or taken for messages one is called for.
    package private(set) var used: Int
    /// Billed although nothing was left, since what the client's own business asks for is sent all the same.
    ///
    /// What is booked or released next pays it first.
    package private(set) var beyond: Int
    /// Whether somebody was told that few are left, and has not booked since.
    package private(set) var isLow: Bool

    package init(booked: Int = 0, reserved: Int = 0, used: Int = 0, beyond: Int = 0, isLow: Bool = false) {
        self.booked = booked
        self.reserved = reserved
        self.used = used
        self.beyond = beyond
        self.isLow = isLow
    }

    /// What can still be promised.
    package var left: Int { booked - reserved - used }

    /// Adds what was bought, or takes off what was booked by mistake.
    package mutating func book(_ parts: Int) throws(Rejection) {
        guard parts != 0 else { throw .nothing }
        guard left + parts >= 0 else { throw .tooFew(left: left, wanted: -parts) }
        booked += parts
        payBeyond()
    }

    /// Promises parts to messages, in place of those they have; all of them or none.
    package mutating func reserve(_ parts: Int, inPlaceOf held: HeldParts = HeldParts()) throws(Rejection) {
        var after = self
        after.release(held)
        guard parts <= after.left else { throw .tooFew(left: after.left, wanted: parts) }
        after.reserved += parts
        self = after
    }

    /// Takes what was promised to a message, before a gateway is called for it; `left` is what it was.
    package mutating func take(_ promised: Int) {
        let taken = min(promised, reserved)
        reserved -= taken
        used += taken
    }

    /// Takes back what nobody needs.
    package mutating func release(_ held: HeldParts) { consume(0, of: held) }

    /// Counts what gateways billed for messages that had so much, in its place.
    package mutating func consume(_ billed: Int, of held: HeldParts) {
        reserved -= min(held.promised, reserved)
        used -= min(held.taken, used)
        let covered = min(billed, left)
        used += covered
        beyond += billed - covered
        payBeyond()
    }

    private mutating func payBeyond() {
        let paid = min(beyond, left)
        used += paid
        beyond -= paid
    }

    /// True when somebody is to be told now that few are left; once until there are more again.
    package mutating func warn(below threshold: Int) -> Bool {
        let wasLow = isLow
        isLow = left < threshold
        return isLow && !wasLow
    }
}

extension Message.State {
    /// How many parts a gateway bills for a message that ended like this; nil while that is open.
    ///
    /// A message that may have left counts as billed once nobody will ask any more.
    package func billed(asGatewaySays parts: Int?, planned: Int, isOver: Bool) -> Int? {
        switch self {
        case .sent, .delivered: parts ?? planned
        // Taken, and not delivered: that is billed too.
        case .failed, .calledOff: parts ?? 0
        case .uncertain: isOver ? parts ?? planned : nil
        case .requested, .ready, .claimed: nil
        }
    }
}
