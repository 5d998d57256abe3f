import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A provider gave money back: it will pay out so much less.
struct CountRefund {
    let expectations = ExpectationStore()
    let waiting = WaitingRefundStore()
    let held: CountHeld
    let ledger: LedgerStore
    let review: ReviewPayment

    /// Counts it now, or once the payment is told of; of one that came back what was counted is taken back, once.
    func run(_ refund: WaitingRefundStore.Refund, in change: inout Change) throws {
        try BooksLock.share(in: &change)
        guard let expectation = try expectations.lock(refund.payment, in: &change) else {
            return try waiting.keep(refund, in: &change)
        }
        try take(refund, of: expectation, in: &change)
        if expectation.isHeld { try held.run(refund.payment, in: &change) }
        guard let now = try expectations.lock(refund.payment, in: &change) else { return }
        try review.run(now, in: &change)
    }

    /// Counts the refunds that waited for their payment.
    func takeUp(of expectation: Expectation, in change: inout Change) throws {
        for refund in try waiting.take(of: expectation.settlement.payment, in: &change) {
            try take(refund, of: expectation, in: &change)
        }
    }

    /// The word that one was done may come after the word that it came back, or never: what was not counted yet is
    /// counted with it, and then no more.
    private func take(
        _ refund: WaitingRefundStore.Refund, of expectation: Expectation, in change: inout Change
    ) throws {
        try count(refund, of: expectation, in: &change)
        guard let day = refund.returnedOn, try expectations.takeBack(refund, on: day, in: &change) else { return }
        try ledger.book(
            try Booking.refundReturned(refund.amount, by: expectation.provider, held: expectation.isHeld, on: day),
            about: refund.id, piece: expectation.providerReference, in: &change)
    }

    private func count(
        _ refund: WaitingRefundStore.Refund, of expectation: Expectation, in change: inout Change
    ) throws {
        // Refuses a refund in another currency, whose cents would otherwise be added to the payment's.
        _ = try expectation.settlement.amount.subtracting(refund.amount)
        guard try expectations.count(refund, in: &change) else { return }
        try ledger.book(
            try Booking.refund(
                refund.amount, by: expectation.provider, held: expectation.isHeld, on: refund.completedOn),
            about: refund.id, piece: expectation.providerReference, in: &change)
    }
}
