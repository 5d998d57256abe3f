import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Money that was held for a client is counted for an invoice, or is held again: its account follows (REC-8).
///
/// Each change books what the accounts lack then, so they are the same in the end, whatever was told first.
struct CountHeld {
    let held = HeldMoneyStore()
    let expectations = ExpectationStore()
    let ledger: LedgerStore

    /// Something of the payment has changed, which the change has locked.
    func run(_ payment: PaymentID, in change: inout Change) throws {
        guard let move = try held.move(of: payment, in: &change) else { return }
        try ledger.book(
            try Booking.heldCounted(move.amount, on: move.day), about: payment, piece: move.piece,
            run: move.runs + 1, in: &change)
    }

    /// The payment is told of; what it brought may have been counted before.
    func runFirst(_ payment: PaymentID, in change: inout Change) throws {
        held.wait(for: payment, in: &change)
        try run(payment, in: &change)
    }

    /// Something was counted of some money, or is no more; money that no held payment brought is not looked at.
    func run(of money: PaymentOnAccountID, in change: inout Change) throws {
        guard let payment = try held.payment(of: money, in: &change) else { return }
        try BooksLock.share(in: &change)
        guard try expectations.lock(payment, in: &change) != nil else { return }
        try run(payment, in: &change)
    }
}
