import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Finds the bank line of each payout and points what it finds (REC-2, REC-5).
struct MatchPayouts {
    let matching: PayoutMatching
    let joining: JointMatching
    let payouts = PayoutStore()
    let bank = BankStore()
    let expectations = ExpectationStore()
    let refused = RefusedMatchStore()
    let rules = MatchingRuleStore()
    let words = ProvidersWordStore()
    let joints = JointPointingStore()
    let settlements: SettlementStore
    let discrepancies: DiscrepancyStore
    let residues: ResidueStore
    let ledger: LedgerStore

    /// As whom matching points and un-points.
    static let author = "matching"

    /// How many payouts were pointed.
    func run(in change: inout Change) throws -> Int {
        let found = try search(in: &change)
        try end(found, in: &change)
        for match in found.matches {
            try point(match.payout, to: .bankLine(match.bankLine), by: Self.author, because: match.ground, &change)
        }
        for joint in found.joints { _ = try point(joint, by: Self.author, &change) }
        let withoutLine = try pointNothing(in: &change) + pointOnWord(in: &change)
        return found.matches.count + found.joints.reduce(withoutLine) { $0 + $1.payouts.count }
    }

    /// Takes back what matching pointed before it knew better, all of it before anything is pointed to the same lines.
    private func end(_ found: Search, in change: inout Change) throws {
        let again = Set(found.matches.map(\.payout.id) + found.joints.flatMap { $0.payouts.map(\.id) })
        for id in found.ended.payouts.map(\.id) + again.intersection(found.withoutLine).sorted() {
            guard let record = try payouts.lock(id, in: &change) else { throw NotFound.payout(id) }
            // One that failed follows the money of another, which may have been taken back just now.
            guard record.pointedBy != nil else { continue }
            try takeBack(record, by: Self.author, in: &change)
            if !again.contains(id) { try takeBackFailed(broughtBy: record.payout, by: Self.author, in: &change) }
        }
        for joint in found.ended.joints { try joints.undo(joint.id, by: Self.author, in: &change) }
    }

    /// Until there is none: what brought the money of one that failed may have failed itself, and be nothing only now.
    private func pointNothing(in change: inout Change) throws -> Int {
        var pointed = 0
        while true {
            let nothing = try payouts.comingToNothing(in: &change)
            guard !nothing.isEmpty else { return pointed }
            for payout in nothing {
                try point(
                    payout, to: .withoutLine(because: nil, on: nil), by: Self.author,
                    because: MatchGround(.nothing), &change)
            }
            pointed += nothing.count
        }
    }

    /// What was looked at, and what of it belongs together.
    struct Search {
        /// Payouts and lines that are not pointed, or would be so no more.
        let payouts: Int
        let lines: Int
        /// What is not pointed so already.
        let matches: [PayoutMatch]
        /// Of what the matches leave.
        let joints: [JointPointing]
        /// What matching pointed before and would not now.
        let ended: StandingMatches
        /// Payouts that were pointed since they come to nothing, or on the provider's word.
        let withoutLine: Set<PayoutID>
        /// What a person may confirm: one set of payouts, and no other, has a line's amount.
        let propose: () -> [JointPointing]
    }

    /// By the organisation's rules as they are, or by others.
    func search(
        by others: MatchingRules? = nil, _ reading: PayoutStore.Reading = .locking, in change: inout Change
    ) throws -> Search {
        let pending = try payouts.pending(reading, in: &change)
        let onWord = try payouts.onWord(reading, in: &change)
        let withoutLine = try payouts.ofNothing(reading, in: &change) + onWord
        let rules = try others ?? rules.current(of: change.cause.organisation, &change.transaction)
        let standing = try StandingMatchStore(windowDays: matching.windowDays).all(by: rules, in: &change)
        guard !pending.isEmpty || !withoutLine.isEmpty || !standing.isEmpty else {
            return Search(
                payouts: 0, lines: 0, matches: [], joints: [], ended: .none, withoutLine: [], propose: { [] })
        }
        let candidates = pending + withoutLine + standing.payouts
        let interest = LinesOfInterest(candidates, rules)
        let side: BankStore.Side = candidates.contains { $0.amount.isNegative } ? .any : .credits
        let (lines, seen) = try bank.unmatched(side, in: &change) { line in
            let read = ReadLine(line)
            return interest.contains(read) ? read : nil
        }
        let apart = try refused.all(in: &change)
        let wordsMax = try payouts.wordsOfReferenceMax(in: &change)
        let found = try Rematching(matching, joining).run(
            pending + withoutLine, read: lines, besides: standing, refusing: apart, by: rules, wordsMax: wordsMax
        ) { words in try payouts.references(of: words, in: &change) }
        return Search(
            payouts: pending.count + onWord.count + found.ended.payouts.count,
            lines: seen + found.ended.bankLines.count,
            matches: found.matches, joints: found.joints, ended: found.ended,
            withoutLine: Set(withoutLine.map(\.id)),
            // Searched for only when somebody wants to look at them.
            propose: { [joining] in joining.proposals(of: found, refusing: apart) })
    }

    /// Books what the bank received; a difference is a discrepancy and waits on the suspense account.
    ///
    /// On the provider's word nothing is booked, and what is late or missing at the bank is so still.
    func point(
        _ payout: PendingPayout, to receipt: Receipt, by actor: String, because ground: MatchGround,
        _ change: inout Change
    ) throws {
        let run = try payouts.point(payout.id, to: receipt, by: actor, because: ground, &change)
        if ground.rule != .provider {
            try book(payout, receipt, on: ground, run: run, &change)
            try expectations.set(hasArrived: true, allOf: payout.id, in: &change)
            try discrepancies.closeLate(in: payout.id, in: &change)
            try discrepancies.close(.missingPayout, payout.reference, in: &change)
        }
        change.announcePointing(of: payout, to: receipt, by: actor, because: ground.rule)
    }

    /// Points all of it or nothing.
    func point(_ joint: JointPointing, by actor: String, _ change: inout Change) throws -> JointPointingID {
        let id: JointPointingID = ledger.ids.make()
        try joints.insert(joint, as: id, by: actor, in: &change)
        for share in try joint.shares() {
            let receipt = Receipt.jointly(
                JointShare(pointing: id, received: share.received, bookedOn: joint.bookedOn))
            try point(share.payout, to: receipt, by: actor, because: try joint.ground(of: share.payout), &change)
            change.announceMatches(of: share, with: joint)
        }
        return id
    }

    /// Takes all of it apart for good.
    func unpoint(_ joint: JointPointingAnswer, in change: inout Change) throws {
        for id in joint.payoutIDs {
            guard let record = try payouts.lock(id, in: &change) else { throw NotFound.payout(id) }
            try unpoint(record, in: &change)
            for line in joint.bankLineIDs { try refused.add(RefusedPair(payout: id, bankLine: line), in: &change) }
        }
        try joints.undo(joint.id, by: change.cause.actor, in: &change)
    }

    /// Takes back what pointing has booked, since a person said so.
    func unpoint(_ record: PayoutRecord, in change: inout Change) throws {
        let author = change.cause.actor
        try takeBack(record, by: author, in: &change)
        try takeBackFailed(broughtBy: record.payout, by: author, in: &change)
        if let line = record.bankLine {
            try refused.add(RefusedPair(payout: record.payout.id, bankLine: line), in: &change)
        }
        // However it was pointed: matching does not know better than the person that it needs no line.
        if record.payout.amount.isZero { payouts.refuseNothing(record.payout.id, in: &change) }
        // Who takes another ground back says nothing about the provider's word.
        if record.ground?.rule == .provider { payouts.refuseWord(record.payout.id, in: &change) }
    }

    /// Payouts whose money this one brought have it no more: they wait until it is pointed again.
    private func takeBackFailed(
        broughtBy payout: PendingPayout, by author: String, in change: inout Change
    ) throws {
        for record in try payouts.ofNothing(broughtBy: payout, in: &change) {
            try takeBack(record, by: author, in: &change)
            try takeBackFailed(broughtBy: record.payout, by: author, in: &change)
        }
    }

    func takeBack(_ record: PayoutRecord, by author: String, in change: inout Change) throws {
        try unbook(record, in: &change)
        try payouts.unpoint(record.payout.id, by: author, in: &change)
        try expectations.set(hasArrived: false, allOf: record.payout.id, in: &change)
        try discrepancies.close(.payoutAmount, record.payout.reference, in: &change)
        try FollowHeldDifference(ledger: ledger).run(.payout, record.payout.id, in: &change)
        try residues.book(.payoutAmount, record.payout.reference, in: &change)
        try discrepancies.reopenLate(in: record.payout.id, in: &change)
        change.announceUnpointing(of: record.payout.id, by: author)
    }

    /// Books a pointed payout anew, since another report has changed what it consists of; one that came to nothing and
    /// does no more waits for its bank line.
    func bookAgain(_ id: PayoutID, in change: inout Change) throws {
        guard let record = try payouts.lock(id, in: &change), let author = record.pointedBy, let ground = record.ground
        else { return }
        guard ground.rule != .nothing || record.payout.amount.isZero else {
            try takeBack(record, by: Self.author, in: &change)
            return try takeBackFailed(broughtBy: record.payout, by: Self.author, in: &change)
        }
        if ground.rule == .provider {
            // Nothing is booked of it. What comes to nothing is no transfer that the provider's word could be about.
            if record.payout.amount.isZero { try takeBack(record, by: Self.author, in: &change) }
            return
        }
        try unbook(record, in: &change)
        let line = try record.bankLine.flatMap {
            try bank.find($0, of: change.cause.organisation, &change.transaction)
        }
        let receipt =
            record.joint.map(Receipt.jointly) ?? line.map(Receipt.bankLine)
            ?? .withoutLine(because: record.noLineBecause, on: record.noLineAccount)
        let run = try payouts.point(id, to: receipt, by: author, because: ground, &change)
        try FollowHeldDifference(ledger: ledger).run(.payout, id, in: &change)
        try book(record.payout, receipt, on: ground, run: run, &change)
    }

    private func book(
        _ payout: PendingPayout, _ receipt: Receipt, on ground: MatchGround, run: Int32, _ change: inout Change
    ) throws {
        let received = receipt.received?.amount ?? payout.amount
        let explained = try settlements.sum(of: payout.id, in: received.currency, &change.transaction)
        let remainder = try received.subtracting(explained)
        let said = try ground.difference(of: remainder)
        try ledger.book(
            try Booking.payout(
                received: received, in: try parts(of: receipt, in: &change),
                into: receipt.accountWithoutLine ?? .bank, explained: explained, from: payout.provider,
                on: receipt.received?.on ?? payout.paidOn, difference: said?.account ?? .suspense),
            about: payout.id, piece: payout.reference, run: run, in: &change)
        if remainder.isZero || said != nil {
            try discrepancies.close(.payoutAmount, payout.reference, in: &change)
        } else {
            try discrepancies.open(
                .payoutAmount,
                .init(subject: payout.reference, payout: payout.id, amount: remainder), in: &change)
        }
        // Of what was never pointed before, nobody can have closed it.
        if run > 1 { try residues.book(.payoutAmount, payout.reference, in: &change) }
    }

    /// What the bank received for a payout, by the bank's accounts.
    private func parts(of receipt: Receipt, in change: inout Change) throws -> [Booking.Received] {
        switch receipt {
        case .bankLine(let line): return [Booking.Received(bank: line.iban, amount: line.amount)]
        case .withoutLine, .onWord: return []
        case .jointly(let share):
            let parts = try joints.received(in: share.pointing, in: &change)
            // Several payouts are one line; one payout is all lines.
            return parts.count == 1 ? [Booking.Received(bank: parts[0].bank, amount: share.received)] : parts
        }
    }

    private func unbook(_ record: PayoutRecord, in change: inout Change) throws {
        let (id, run) = (record.payout.id, record.timesPointed)
        guard let booked = try ledger.entry(.payout, about: id, run: run, in: &change) else { return }
        try ledger.book(
            try Booking.contrary(of: booked), about: id, piece: record.payout.reference, run: run, in: &change)
    }
}
