import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// What an import brought; the same file twice brings nothing the second time (REC-3, REC-4).
struct ImportAnswer: Codable, Sendable {
    /// Payouts of a report, statements of a bank file.
    let documents: Int
    let linesNew: Int
    let linesKnown: Int
    let payoutsPointed: Int
    let discrepanciesOpen: Int
}

/// Takes in a provider's settlement report: every line finds its payment or is a discrepancy.
struct ImportSettlement {
    let database: Database
    let ids: IdentifierSource
    let match: MatchPayouts
    let payouts = PayoutStore()
    let expectations = ExpectationStore()
    let discrepancies: DiscrepancyStore
    let ledger: LedgerStore

    func run(
        _ report: SettlementReport, of provider: Provider, because cause: Cause
    ) async throws -> Applied<ImportAnswer> {
        try await database.change(because: cause) { change in
            var new = 0, known = 0
            for payout in report.payouts {
                let pending = PendingPayout(
                    id: ids.make(), provider: provider, reference: payout.reference,
                    amount: try SettlementReport.amount(of: payout.lines), paidOn: payout.paidOn)
                let id = try payouts.put(pending, in: &change)
                for line in payout.lines {
                    if try take(line, of: provider, in: id, on: payout.paidOn, &change) { new += 1 } else { known += 1 }
                }
                for reference in payout.duplicates {
                    try discrepancies.open(.duplicate, .init(subject: reference, payout: id), in: &change)
                }
            }
            let pointed = try match.run(in: &change)
            return ImportAnswer(
                documents: report.payouts.count, linesNew: new, linesKnown: known, payoutsPointed: pointed,
                discrepanciesOpen: try discrepancies.open(of: cause.organisation, &change.transaction).count)
        }
    }

    private func take(
        _ line: SettlementLine, of provider: Provider, in payout: PayoutID, on day: LocalDate, _ change: inout Change
    ) throws -> Bool {
        let expectation = try line.paymentReference.flatMap {
            try expectations.lock(provider, $0, in: &change)
        }
        let payment = expectation?.settlement.payment
        guard try payouts.insert(line, of: provider, in: payout, for: payment, &change) else { return false }
        let about = DiscrepancyStore.About(
            subject: line.reference, payment: payment, payout: payout, amount: line.gross)
        guard let expectation else {
            if line.kind != .adjustment { try discrepancies.open(.unknownPayment, about, in: &change) }
            return true
        }
        if let kind = try expectation.settlement.discrepancy(with: line) {
            try discrepancies.open(kind, about, in: &change)
        }
        if line.kind == .payment {
            try expectations.settle(expectation.settlement.payment, in: payout, &change)
        } else if !line.fee.isZero {
            try bookFee(of: line, expectation, on: day, &change)
        }
        return true
    }

    /// A refund can give a part of the fee back (or cost one); the report is the first to say so.
    private func bookFee(
        of line: SettlementLine, _ expectation: Expectation, on day: LocalDate, _ change: inout Change
    ) throws {
        let parts = try Instalments.split(
            line.fee,
            inProportionTo: [expectation.settlement.fee.minorUnits, expectation.settlement.feeVAT.minorUnits])
        try ledger.book(
            try Booking.fee(parts[0], vat: parts[1], by: expectation.provider, on: day, as: .refundFee),
            about: expectation.settlement.payment, in: &change)
    }
}
