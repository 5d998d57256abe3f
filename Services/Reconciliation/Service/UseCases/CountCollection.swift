import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Money came into a till or was taken back from it: it is booked, and counted in the evening (REC-10).
struct CountCollection {
    let ids: IdentifierSource
    let till = TillStore()
    let ledger: LedgerStore

    /// Once for each payment, whatever the number of messages.
    func run(_ movement: TillMovement, in change: inout Change) throws {
        try BooksLock.share(in: &change)
        guard try till.insert(movement, in: &change) else { return }
        try ledger.book(
            try Booking.collection(movement.amount, as: movement.method.tender, on: movement.day),
            about: movement.id, piece: movement.receiptNumber, in: &change)
    }

    /// What no till took has nothing to give back; a taking and its reversal come in their order, having one key.
    func takeBack(
        _ amount: Money, of payment: PaymentOnAccountID, on day: LocalDate, because reason: String,
        in change: inout Change
    ) throws {
        try BooksLock.share(in: &change)
        guard let taking = try till.taking(of: payment, in: &change) else { return }
        let movement = TillMovement(
            id: ids.make(), payment: payment, act: .takenBack, clinic: taking.clinic, day: day, method: taking.method,
            client: taking.client, receiptNumber: taking.receiptNumber, amount: try amount.negated(), reason: reason)
        guard try till.insert(movement, in: &change) else { return }
        try ledger.book(
            try Booking.takenBack(amount, as: taking.method.tender, on: day), about: movement.id,
            piece: taking.receiptNumber, in: &change)
    }
}
