import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Takes in a provider's settlement report: every line finds its payment or is a discrepancy.
struct ImportSettlement {
    let database: Database
    let ids: IdentifierSource
    let match: MatchPayouts
    let review: ReviewPayment
    let payouts = PayoutStore()
    let expectations = ExpectationStore()

    private var settlements: SettlementStore { review.settlements }
    private var discrepancies: DiscrepancyStore { review.discrepancies }

    func run(
        _ report: SettlementReport, of provider: Provider, because cause: Cause
    ) async throws -> Applied<ImportAnswer> {
        try await database.change(because: cause) { change in try run(report, of: provider, in: &change) }
    }

    /// In a change that is under way: a file, or what the provider's API tells, come to the same.
    func run(
        _ report: SettlementReport, of provider: Provider, in change: inout Change
    ) throws -> ImportAnswer {
        try BooksLock.takeAlone(in: &change)
        var (new, all) = (0, 0)
        for payout in report.payouts {
            new += try take(payout, of: provider, &change)
            all += payout.lines.count
        }
        let pointed = try match.run(in: &change)
        return ImportAnswer(
            documents: report.payouts.count, linesNew: new, linesKnown: all - new, payoutsPointed: pointed,
            discrepanciesOpen: try discrepancies.countOpen(of: change.cause.organisation, &change.transaction))
    }

    /// Answers how many of the lines were new.
    private func take(
        _ reported: SettlementReport.Payout, of provider: Provider, _ change: inout Change
    ) throws -> Int {
        let pending = PendingPayout(
            id: ids.make(), provider: provider, reference: reported.reference, amount: reported.amount,
            paidOn: reported.paidOn)
        let record = try payouts.put(pending, in: &change)
        guard record.payout.amount.currency == reported.amount.currency else {
            throw FileProblem(
                line: nil, reason: "The payout \(reported.reference) was \(record.payout.amount.currency) before.",
                remedy: "Ask the provider which of the two reports is right.")
        }
        var new = 0
        for line in reported.lines {
            if try take(line, in: record.payout, &change) { new += 1 }
        }
        for reference in reported.duplicates {
            try discrepancies.open(.duplicate, .init(subject: reference, payout: record.payout.id), in: &change)
        }
        if new > 0 || record.payout.id == pending.id { try sumUp(record, in: &change) }
        return new
    }

    /// False when an earlier report brought the line.
    private func take(_ line: SettlementLine, in payout: PendingPayout, _ change: inout Change) throws -> Bool {
        let expectation = try line.paymentReference.flatMap {
            try expectations.lock(payout.provider, $0, in: &change)
        }
        let payment = expectation?.settlement.payment
        let record = try settlements.insert(line, of: payout.provider, in: payout, for: payment, &change)
        guard let record else {
            try compare(line, in: payout, &change)
            return false
        }
        let about = DiscrepancyStore.About(
            subject: line.reference, payment: payment, payout: payout.id, amount: try line.net())
        switch line.kind {
        // Booked with the payout that brings it.
        case .carried: break
        case .fee: try review.bookByItself(record, by: payout.provider, in: &change)
        case .adjustment:
            try review.bookByItself(record, by: payout.provider, in: &change)
            try discrepancies.open(.unexplained, about, in: &change)
        case .payment, .refund, .dispute:
            guard let expectation else {
                try discrepancies.open(.unknownPayment, about, in: &change)
                break
            }
            try review.book(record, of: expectation, in: &change)
            try review.run(expectation, in: &change)
        }
        return true
    }

    /// A known line is the same, or the file is wrong; in another payout it was settled twice.
    private func compare(_ line: SettlementLine, in payout: PendingPayout, _ change: inout Change) throws {
        guard let known = try settlements.find(line.reference, of: payout.provider, in: &change) else { return }
        guard known.payout == payout.id else {
            return try discrepancies.open(
                .duplicate, .init(subject: line.reference, payout: payout.id, amount: try line.net()), in: &change)
        }
        guard known.line.saysTheSame(as: line) else {
            throw FileProblem(
                line: nil,
                reason: "The line \(line.reference) is \(try line.net()) here and was \(try known.line.net()) before.",
                remedy: "Ask the provider which of the two reports is right.")
        }
    }

    /// A payout is the sum of its lines, also when a later report brought some of them.
    private func sumUp(_ record: PayoutRecord, in change: inout Change) throws {
        let lines = try settlements.lines(of: record.payout.id, &change.transaction)
        let amount = try PayoutExplanation(of: record.payout.amount, by: lines).explained
        if amount != record.payout.amount { try payouts.set(amount, of: record.payout.id, &change) }
        if record.pointedBy != nil { try match.bookAgain(record.payout.id, in: &change) }
    }
}
