import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A client disputes a payment: the provider owes it no more, until the dispute is won (PAY-14, REC-6).
struct CountDispute {
    let expectations = ExpectationStore()
    let disputes: DisputeStore
    let held: CountHeld
    let ledger: LedgerStore
    let review: ReviewPayment

    /// Counts what became known of a dispute now, or once its payment is told of.
    func run(_ dispute: Dispute, at provider: Provider, in change: inout Change) throws {
        try BooksLock.share(in: &change)
        let expectation = try expectations.lock(dispute.payment, in: &change)
        // Refuses a dispute in another currency, whose cents would otherwise be taken from the payment's.
        _ = try expectation?.settlement.amount.subtracting(dispute.amount)
        try disputes.open(dispute, at: provider, in: &change)
        if let end = dispute.end { try disputes.close(dispute, as: end, at: provider, in: &change) }
        guard let expectation else { return }
        try takeUp(of: expectation, in: &change)
        if expectation.isHeld { try held.run(dispute.payment, in: &change) }
        guard let now = try expectations.lock(dispute.payment, in: &change) else { return }
        try review.run(now, in: &change)
    }

    /// Books the disputes of a payment, each step once.
    ///
    /// One in another currency that was told first takes nothing from the payment: it is a discrepancy, and its end is
    /// refused.
    func takeUp(of expectation: Expectation, in change: inout Change) throws {
        let (provider, isHeld) = (expectation.provider, expectation.isHeld)
        let known = try disputes.disputes(of: expectation.settlement.payment, &change.transaction)
        guard !known.isEmpty else { return }
        let currency = expectation.settlement.amount.currency
        for (id, dispute) in known where dispute.amount.currency == currency {
            try ledger.book(
                try Booking.disputeOpened(dispute.amount, by: provider, on: dispute.openedOn), about: id,
                piece: dispute.reference, in: &change)
            guard let end = dispute.end else { continue }
            try ledger.book(
                try Booking.disputeClosed(dispute.amount, end, by: provider, held: isHeld), about: id,
                piece: dispute.reference, in: &change)
        }
        try expectations.countWithheld(of: expectation.settlement.payment, in: &change)
    }
}
