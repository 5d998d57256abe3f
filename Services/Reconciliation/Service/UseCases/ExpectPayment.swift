import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Providers took money for us: it is booked, and expected at the bank (REC-1, REC-6).
struct ExpectPayment {
    /// A payment, and the fact that told of it.
    struct Told {
        let fact: Fact<PaymentAcceptedV1>
        let expectation: Expectation

        var payment: PaymentID { expectation.settlement.payment }
    }

    let expectations = ExpectationStore()
    let taxes = FeeTaxStore()
    let refunds: CountRefund
    let disputes: CountDispute
    let held: CountHeld
    let review: ReviewPayment

    private var settlements: SettlementStore { review.settlements }
    private var discrepancies: DiscrepancyStore { review.discrepancies }
    private var ledger: LedgerStore { review.ledger }

    /// Of many payments, each of which is among them once, with the statements of one, but for those of which something
    /// was known before.
    func run(_ told: [Told], in change: inout Change) throws {
        try BooksLock.share(in: &change)
        let taxes = try taxes.taxes(in: &change)
        let fresh = try expectations.insert(told.map(\.expectation), owing: taxes, in: &change)
        let new = told.filter { fresh.contains($0.payment) }
        guard !new.isEmpty else { return }
        try book(new.map(\.expectation), owing: taxes, in: &change)
        for one in new {
            change.turn(to: one.fact)
            try change.announce(one.expectation)
        }
        // Nothing can be wrong with a payment of which nothing else is known.
        let known = try expectations.known(among: new.map(\.expectation), in: &change)
        for one in new where known.contains(one.payment) {
            change.turn(to: one.fact)
            try takeUp(one.expectation, in: &change)
        }
        for one in new where one.expectation.isHeld { try held.runFirst(one.payment, in: &change) }
    }

    /// Takes up what came before: lines of reports that named the payment, its refunds and its disputes.
    private func takeUp(_ expectation: Expectation, in change: inout Change) throws {
        for record in try settlements.adopt(by: expectation, in: &change) {
            try discrepancies.close(.unknownPayment, record.line.reference, in: &change)
            try review.residues.book(.unknownPayment, record.line.reference, in: &change)
            try review.book(record, of: expectation, in: &change)
        }
        try refunds.takeUp(of: expectation, in: &change)
        try disputes.takeUp(of: expectation, in: &change)
        guard let now = try expectations.lock(expectation.settlement.payment, in: &change) else { return }
        try review.run(now, in: &change)
    }

    private func book(_ expectations: [Expectation], owing taxes: FeeTaxes, in change: inout Change) throws {
        var drafts: [LedgerStore.Draft] = []
        for expectation in expectations {
            let (settlement, provider, day) = (
                expectation.settlement, expectation.provider, expectation.acceptedOn
            )
            let entries = [
                try Booking.payment(settlement.amount, by: provider, held: expectation.isHeld, on: day),
                try Booking.fee(
                    settlement.fee, vat: settlement.feeVAT, by: provider, on: day,
                    tax: taxes.tax(of: provider, on: day)),
            ]
            drafts += entries.map { entry in
                LedgerStore.Draft(
                    entry: entry, subject: settlement.payment.value, piece: expectation.providerReference)
            }
        }
        ledger.book(drafts, in: &change)
    }
}
