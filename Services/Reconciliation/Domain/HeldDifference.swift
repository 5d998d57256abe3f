package import PaymentModel

/// A difference that a person, or a rule of theirs, put on account 471 since nobody knew better (REC-8).
package struct HeldDifference: Hashable, Sendable {
    /// What it is of.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Pointed with a difference, or without a bank line.
        case payout
        case remittance
        /// One method of a till that was counted.
        case cashUp = "cash-up"
        /// Closed onto 471.
        case discrepancy
    }

    /// Why it is not cleared.
    package enum Rejection: Error, Hashable, Sendable {
        case clearedBefore(by: String)
        case account(Account, not: [Account])
        /// The day has not begun.
        case notYet(LocalDate)
        /// It was not there yet.
        case notBefore(LocalDate)
        /// What was cleared is held again already.
        case undoneBefore(by: String)
    }

    /// The accounts that may take it: those of a closed discrepancy.
    package static let takers = Residue(on: .suspense).takers

    /// What 471 was debited with for it; below nothing what it was credited with.
    package let amount: Money
    /// When it was put there.
    package let bookedOn: LocalDate
    /// Who has cleared it; nil while it is held.
    package let clearedBy: String?

    package init(amount: Money, bookedOn: LocalDate, clearedBy: String?) {
        self.amount = amount
        self.bookedOn = bookedOn
        self.clearedBy = clearedBy
    }

    /// The entry that moves it to an account a person names, on a day on which it was there and whose books are open.
    package func clear(
        into taker: Account, on day: LocalDate, today: LocalDate, in books: ClosedBooks
    ) throws -> LedgerEntry {
        if let clearedBy { throw Rejection.clearedBefore(by: clearedBy) }
        guard Self.takers.contains(taker) else { throw Rejection.account(taker, not: Self.takers) }
        guard day >= bookedOn else { throw Rejection.notBefore(bookedOn) }
        guard day <= today else { throw Rejection.notYet(day) }
        try books.checkOpen(on: day)
        return try Booking.suspenseCleared(amount, into: taker, on: day)
    }
}
