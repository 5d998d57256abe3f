import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Finds the bank line of each payout and points what it finds (REC-2, REC-5).
struct MatchPayouts {
    let matching: PayoutMatching
    let payouts = PayoutStore()
    let bank = BankStore()
    let expectations = ExpectationStore()
    let refused = RefusedMatchStore()
    let rules = MatchingRuleStore()
    let settlements: SettlementStore
    let discrepancies: DiscrepancyStore
    let ledger: LedgerStore

    /// How many payouts were pointed.
    func run(in change: inout Change) throws -> Int {
        let matches = try search(in: &change).matches
        for match in matches {
            try point(match.payout, to: .bankLine(match.bankLine), by: "matching", because: match.ground, &change)
        }
        return matches.count
    }

    /// What was looked at, and what of it belongs together.
    struct Search {
        let payouts: Int
        let lines: Int
        let matches: [PayoutMatch]
    }

    /// By the organisation's rules as they are, or by others.
    func search(by others: MatchingRules? = nil, in change: inout Change) throws -> Search {
        let pending = try payouts.lockPending(in: &change)
        guard !pending.isEmpty else { return Search(payouts: 0, lines: 0, matches: []) }
        let lines = try bank.unmatched(.credits, in: &change)
        let rules = try others ?? rules.current(of: change.cause.organisation, &change.transaction)
        let matches = matching.matches(pending, lines, refusing: try refused.all(in: &change), by: rules)
        return Search(payouts: pending.count, lines: lines.count, matches: matches)
    }

    /// Books what the bank received; a difference is a discrepancy and waits on the suspense account.
    func point(
        _ payout: PendingPayout, to receipt: Receipt, by actor: String, because ground: MatchGround,
        _ change: inout Change
    ) throws {
        let run = try payouts.point(payout.id, to: receipt, by: actor, because: ground, &change)
        try book(payout, receipt.line, on: ground, run: run, &change)
        try expectations.set(hasArrived: true, allOf: payout.id, in: &change)
        try discrepancies.closeLate(in: payout.id, in: &change)
        change.announcePointing(of: payout, to: receipt.line, by: actor, because: ground.rule)
    }

    /// Takes back what pointing has booked.
    func unpoint(_ record: PayoutRecord, in change: inout Change) throws {
        try unbook(record, in: &change)
        try payouts.unpoint(record.payout.id, in: &change)
        try expectations.set(hasArrived: false, allOf: record.payout.id, in: &change)
        try discrepancies.close(.payoutAmount, record.payout.reference, in: &change)
        try discrepancies.reopenLate(in: record.payout.id, in: &change)
        if let line = record.bankLine {
            try refused.add(RefusedPair(payout: record.payout.id, bankLine: line), in: &change)
        }
    }

    /// Books a pointed payout anew, since another report has changed what it consists of.
    func bookAgain(_ id: PayoutID, in change: inout Change) throws {
        guard let record = try payouts.lock(id, in: &change), let author = record.pointedBy, let ground = record.ground
        else { return }
        try unbook(record, in: &change)
        let line = try record.bankLine.flatMap {
            try bank.find($0, of: change.cause.organisation, &change.transaction)
        }
        let receipt = line.map(Receipt.bankLine) ?? .withoutLine(because: record.noLineBecause)
        let run = try payouts.point(id, to: receipt, by: author, because: ground, &change)
        try book(record.payout, line, on: ground, run: run, &change)
    }

    private func book(
        _ payout: PendingPayout, _ line: PendingBankLine?, on ground: MatchGround, run: Int32,
        _ change: inout Change
    ) throws {
        let received = line?.amount ?? payout.amount
        let lines = try settlements.lines(of: payout.id, &change.transaction)
        let explanation = try PayoutExplanation(of: received, by: lines)
        let said = try ground.difference(of: explanation.remainder)
        try ledger.book(
            try Booking.payout(
                received: received, explained: explanation.explained, from: payout.provider,
                on: line?.bookedOn ?? payout.paidOn, difference: said?.account ?? .suspense),
            about: payout.id, piece: payout.reference, run: run, in: &change)
        if explanation.remainder.isZero || said != nil {
            try discrepancies.close(.payoutAmount, payout.reference, in: &change)
        } else {
            try discrepancies.open(
                .payoutAmount,
                .init(subject: payout.reference, payout: payout.id, amount: explanation.remainder), in: &change)
        }
    }

    private func unbook(_ record: PayoutRecord, in change: inout Change) throws {
        let (id, run) = (record.payout.id, record.timesPointed)
        guard let booked = try ledger.entry(.payout, about: id, run: run, in: &change) else { return }
        try ledger.book(
            try Booking.contrary(of: booked), about: id, piece: record.payout.reference, run: run, in: &change)
    }
}
