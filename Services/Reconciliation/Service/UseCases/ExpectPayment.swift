import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A provider took money for us: it is booked, and expected at the bank (REC-1, REC-6).
struct ExpectPayment {
    let expectations = ExpectationStore()
    let taxes = FeeTaxStore()
    let refunds: CountRefund
    let disputes: CountDispute
    let review: ReviewPayment

    private var settlements: SettlementStore { review.settlements }
    private var discrepancies: DiscrepancyStore { review.discrepancies }
    private var ledger: LedgerStore { review.ledger }

    /// Takes up what came before: lines of reports that named the payment, and its refunds.
    func run(_ expectation: Expectation, in change: inout Change) throws {
        try BooksLock.share(in: &change)
        guard try expectations.insert(expectation, in: &change) else { return }
        try book(expectation, in: &change)
        try change.announce(expectation)
        for record in try settlements.adopt(by: expectation, in: &change) {
            try discrepancies.close(.unknownPayment, record.line.reference, in: &change)
            try review.book(record, of: expectation, in: &change)
        }
        try refunds.takeUp(of: expectation, in: &change)
        try disputes.takeUp(of: expectation, in: &change)
        guard let now = try expectations.lock(expectation.settlement.payment, in: &change) else { return }
        try review.run(now, in: &change)
    }

    private func book(_ expectation: Expectation, in change: inout Change) throws {
        let (settlement, day) = (expectation.settlement, expectation.acceptedOn)
        try ledger.book(
            try Booking.payment(settlement.amount, by: expectation.provider, held: expectation.isHeld, on: day),
            about: settlement.payment, piece: expectation.providerReference, in: &change)
        try ledger.book(
            try Booking.fee(
                settlement.fee, vat: settlement.feeVAT, by: expectation.provider, on: day,
                tax: taxes.tax(of: expectation.provider, in: &change)),
            about: settlement.payment, piece: expectation.providerReference, in: &change)
    }
}
