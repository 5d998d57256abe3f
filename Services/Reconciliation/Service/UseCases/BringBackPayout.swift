import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// The money of a payout of Stripe's that failed comes with another: the first is less by it, whichever is told first.
///
/// Both lines have one name, so it is brought back once, also where the provider tells both of them itself.
struct BringBackPayout {
    let match: MatchPayouts
    let payouts = PayoutStore()

    private var settlements: SettlementStore { match.settlements }

    /// A payout was told of that brings something.
    func run(_ line: SettlementLine, in payout: PendingPayout, _ change: inout Change) throws {
        guard payout.provider == .stripe, line.gross.isPositive, let reference = line.paymentReference,
            let failed = try payouts.find(reference, of: payout.provider, in: &change),
            failed.payout.id != payout.id, try take(line, from: failed.payout, &change)
        else { return }
        let amount = failed.payout.amount
        try payouts.set(
            settlements.sum(of: failed.payout.id, in: amount.currency, &change.transaction), of: failed.payout.id,
            &change)
        try match.discrepancies.close(.missingPayout, reference, in: &change)
        if failed.pointedBy != nil { try match.bookAgain(failed.payout.id, in: &change) }
    }

    /// A payout was told of whose money another may have brought already; whoever tells of it sums it up.
    func run(for payout: PendingPayout, in change: inout Change) throws {
        guard payout.provider == .stripe else { return }
        for line in try settlements.carried(from: payout, in: &change) { _ = try take(line, from: payout, &change) }
    }

    /// False when it was taken before.
    private func take(_ line: SettlementLine, from payout: PendingPayout, _ change: inout Change) throws -> Bool {
        guard line.gross.currency == payout.amount.currency else { return false }
        let contrary = SettlementLine(
            kind: .carried, reference: "\(line.reference)-back", paymentReference: nil,
            payoutReference: payout.reference, gross: try line.gross.negated(), fee: .zero(line.gross.currency))
        return try settlements.insert(contrary, of: payout.provider, in: payout, for: nil, &change) != nil
    }
}
