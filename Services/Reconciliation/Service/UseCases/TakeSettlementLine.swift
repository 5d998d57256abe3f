import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Takes one line of a provider's report: it finds its payment, or it is a discrepancy.
struct TakeSettlementLine {
    let review: ReviewPayment
    let bringBack: BringBackPayout
    let expectations = ExpectationStore()

    var settlements: SettlementStore { review.settlements }
    var discrepancies: DiscrepancyStore { review.discrepancies }

    /// What became of a line.
    enum Outcome {
        case new
        /// An earlier report brought it.
        case known
        /// The provider has settled it in another payout.
        case elsewhere
    }

    func run(_ line: SettlementLine, in payout: PendingPayout, _ change: inout Change) throws -> Outcome {
        let expectation = try line.paymentReference.flatMap {
            try expectations.lock(payout.provider, $0, in: &change)
        }
        let payment = expectation?.settlement.payment
        let record = try settlements.insert(line, of: payout.provider, in: payout, for: payment, &change)
        guard let record else { return try compare(line, in: payout, &change) }
        let about = DiscrepancyStore.About(
            subject: line.reference, payment: payment, payout: payout.id, amount: try line.net())
        switch line.kind {
        // Booked with the payout that brings it.
        case .carried: try bringBack.run(line, in: payout, &change)
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
        return .new
    }

    /// A known line is the same, or the file is wrong; in another payout it was settled twice.
    private func compare(
        _ line: SettlementLine, in payout: PendingPayout, _ change: inout Change
    ) throws -> Outcome {
        guard let known = try settlements.find(line.reference, of: payout.provider, in: &change) else { return .known }
        guard known.payout == payout.id else {
            try discrepancies.open(
                .duplicate, .init(subject: line.reference, payout: payout.id, amount: try line.net()), in: &change)
            try review.residues.book(.duplicate, line.reference, in: &change)
            return .elsewhere
        }
        guard known.line.saysTheSame(as: line) else {
            throw FileProblem(
                line: nil,
                reason: "The line \(line.reference) is \(try line.net()) here and was \(try known.line.net()) before.",
                remedy: "Ask the provider which of the two reports is right.")
        }
        return .known
    }
}
