import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Finds the bank line of each payout and points what it finds (REC-2, REC-5).
struct MatchPayouts {
    let matching: PayoutMatching
    let payouts = PayoutStore()
    let bank = BankStore()
    let discrepancies: DiscrepancyStore
    let ledger: LedgerStore

    /// How many payouts were pointed.
    func run(in change: inout Change) throws -> Int {
        let pending = try payouts.lockPending(in: &change)
        guard !pending.isEmpty else { return 0 }
        let matches = matching.matches(pending, try bank.unmatched(in: &change))
        for match in matches {
            try point(match.payout, to: match.bankLine, by: "matching", because: match.rule.rawValue, &change)
        }
        return matches.count
    }

    /// Books what the bank received; a difference is a discrepancy and waits on the suspense account.
    func point(
        _ payout: PendingPayout, to line: PendingBankLine?, by actor: String, because rule: String,
        _ change: inout Change
    ) throws {
        try payouts.point(payout.id, to: line?.id, by: actor, because: rule, &change)
        let received = line?.amount ?? payout.amount
        let explanation = try PayoutExplanation(of: received, by: payouts.lines(of: payout, &change.transaction))
        let run = try payouts.lock(payout.id, in: &change)?.timesPointed ?? 1
        try ledger.book(
            try Booking.payout(
                received: received, explained: explanation.explained, from: payout.provider,
                on: line?.bookedOn ?? payout.paidOn),
            about: payout.id, run: run, in: &change)
        if !explanation.remainder.isZero {
            try discrepancies.open(
                .payoutAmount,
                .init(subject: payout.reference, payout: payout.id, amount: explanation.remainder), in: &change)
        }
        announce(payout, line, by: actor, rule, &change)
    }

    private func announce(
        _ payout: PendingPayout, _ line: PendingBankLine?, by actor: String, _ rule: String, _ change: inout Change
    ) {
        if let line {
            change.announce(
                MatchedV1(payoutID: payout.id, bankLineID: line.id, amount: line.amount, rule: rule),
                about: payout.id)
        }
        change.announce(
            PayoutPointedV1(
                payoutID: payout.id, provider: payout.provider, amount: line?.amount ?? payout.amount,
                bankLineID: line?.id, by: actor),
            about: payout.id)
    }
}
