import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Takes back in what a refund gave back, when the money returned after it was booked: it is the client's credit again.
///
/// The credit note stays, since issued documents do: the price was given up, and the credit can be paid out again or be
/// counted for something else.
struct RestoreRefund {
    let audit: AuditStore
    let payments = PaymentOnAccountStore()

    /// Why a return cannot be booked; its event is parked for a person.
    enum Refusal: Error {
        /// The refund's own event has not arrived yet, or never will; or it is another payment's.
        case refundUnknown(RefundID)
        case otherAmount(Money)
        case moreThanGivenBack(Money)
    }

    func run(
        _ refund: RefundID, of amount: Money, to payment: PaymentID, on day: LocalDate, in change: inout Change
    ) throws {
        guard var record = try payments.lock(payment, in: &change),
            let booked = try payments.lock(refund, of: record.id, in: &change)
        else { throw Refusal.refundUnknown(refund) }
        guard booked.returnedOn == nil else { return }
        guard booked.amount == amount else { throw Refusal.otherAmount(booked.amount) }
        guard amount.minorUnits <= record.refunded.minorUnits else {
            throw Refusal.moreThanGivenBack(record.refunded)
        }
        // What moves again was put away too early.
        try RestoreCredit(audit: audit).run(&record, on: day, in: &change)
        let before = PaymentTrace(record)
        record.takeReturned(amount, on: day)
        try payments.save(record, in: &change)
        payments.markReturned(refund, on: day, in: &change)
        change.announceRestoration(record, amount)
        try audit.record(
            "refund-returned", about: record.id, before: before, after: PaymentTrace(record), in: &change)
    }
}
