import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A provider gave money back: it will pay out so much less.
struct CountRefund {
    let expectations = ExpectationStore()
    let waiting = WaitingRefundStore()
    let ledger: LedgerStore
    let review: ReviewPayment

    /// Counts it now, or once the payment is told of.
    func run(_ refund: WaitingRefundStore.Refund, in change: inout Change) throws {
        try BooksLock.share(in: &change)
        guard let expectation = try expectations.lock(refund.payment, in: &change) else {
            return try waiting.keep(refund, in: &change)
        }
        try count(refund, of: expectation, in: &change)
        guard let now = try expectations.lock(refund.payment, in: &change) else { return }
        try review.run(now, in: &change)
    }

    /// A refund that was told as done is not: what was counted of it is taken back, once.
    func takeBack(
        _ refund: RefundID, of payment: PaymentID, _ amount: Money, on day: LocalDate, in change: inout Change
    ) throws {
        try BooksLock.share(in: &change)
        let returned = WaitingRefundStore.Refund(
            id: refund, payment: payment, amount: amount, completedOn: day, returnedOn: day)
        guard let expectation = try expectations.lock(payment, in: &change) else {
            return try waiting.keep(returned, in: &change)
        }
        try takeBack(returned, on: day, of: expectation, in: &change)
        guard let now = try expectations.lock(payment, in: &change) else { return }
        try review.run(now, in: &change)
    }

    /// The word that it was done may come after it, or never: what was not counted yet is counted with it, and then no
    /// more.
    private func takeBack(
        _ refund: WaitingRefundStore.Refund, on day: LocalDate, of expectation: Expectation, in change: inout Change
    ) throws {
        try count(refund, of: expectation, in: &change)
        guard try expectations.takeBack(refund, on: day, in: &change) else { return }
        try ledger.book(
            try Booking.refundReturned(refund.amount, by: expectation.provider, held: expectation.isHeld, on: day),
            about: refund.id, piece: expectation.providerReference, in: &change)
    }

    /// Counts the refunds that waited for their payment.
    func takeUp(of expectation: Expectation, in change: inout Change) throws {
        for refund in try waiting.take(of: expectation.settlement.payment, in: &change) {
            try count(refund, of: expectation, in: &change)
            guard let day = refund.returnedOn else { continue }
            try takeBack(refund, on: day, of: expectation, in: &change)
        }
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
