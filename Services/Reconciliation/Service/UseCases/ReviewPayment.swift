import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Holds a payment against the provider's lines about it, whenever one of the two has changed (REC-5).
struct ReviewPayment {
    let expectations = ExpectationStore()
    let settlements: SettlementStore
    let discrepancies: DiscrepancyStore
    let ledger: LedgerStore

    /// Opens what is wrong and closes what no longer is.
    func run(_ expectation: Expectation, in change: inout Change) throws {
        let payment = expectation.settlement.payment
        let records = try settlements.lines(of: payment, &change.transaction)
        let wrong = try expectation.settlement.discrepancies(with: records.map(\.line))
        try discrepancies.closeSettled(payment, except: wrong, in: &change)
        for record in records {
            guard let kind = wrong[record.line.reference] else { continue }
            try discrepancies.open(
                kind,
                .init(
                    subject: record.line.reference, payment: payment, payout: record.payout,
                    amount: record.line.gross), in: &change)
        }
        if expectation.settlement.refunded.isPositive { try settlements.tieRefunds(of: payment, in: &change) }
        if try expectations.settle(payment, in: &change) {
            try discrepancies.close(.late, "\(payment)", in: &change)
        }
    }

    /// Books what a line tells that the payment's own events did not.
    func book(_ record: SettlementRecord, of expectation: Expectation, in change: inout Change) throws {
        guard record.line.kind == .refund else { return }
        // A refund can give a part of the fee back (or cost one); the report is the first to say so.
        let parts = try Instalments.split(
            record.line.fee,
            inProportionTo: [expectation.settlement.fee.minorUnits, expectation.settlement.feeVAT.minorUnits])
        try settlements.note(feeVAT: parts[1], of: record.id, in: &change)
        try ledger.book(
            try Booking.fee(
                parts[0], vat: parts[1], by: expectation.provider, on: record.paidOn, as: .refundFee),
            about: record.id, piece: record.line.reference, in: &change)
    }
}
