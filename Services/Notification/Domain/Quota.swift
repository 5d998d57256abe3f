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
    /// Promised to messages that have not left.
    package private(set) var reserved: Int
    /// Billed by gateways.
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

    /// Promises parts to messages; all of them or none.
    package mutating func reserve(_ parts: Int) throws(Rejection) {
        guard parts <= left else { throw .tooFew(left: left, wanted: parts) }
        reserved += parts
    }

    /// Takes a promise back that nobody needs.
    package mutating func release(_ parts: Int) {
        reserved -= min(parts, reserved)
        payBeyond()
    }

    /// Counts what gateways billed for messages that so much was promised to.
    package mutating func consume(_ billed: Int, promised: Int) {
        reserved -= min(promised, reserved)
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
