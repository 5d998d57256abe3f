package import PaymentModel

// Which entries the books make of what the till took, and of how it came to the bank.

extension Booking {
    /// A client paid at the till.
    package static func collection(_ amount: Money, as tender: Tender, on day: LocalDate) throws -> LedgerEntry {
        try LedgerEntry(
            .collection, on: day, in: amount.currency, [.debit(tender.account, amount), .credit(.clients, amount)])
    }

    /// What was taken turned out not to have been received: the client owes it again.
    package static func takenBack(_ amount: Money, as tender: Tender, on day: LocalDate) throws -> LedgerEntry {
        try LedgerEntry(
            .collectionReversed, on: day, in: amount.currency,
            [.debit(.clients, amount), .credit(tender.account, amount)])
    }

    /// The till had more (or less) than the facts say.
    package static func tillDifference(
        _ surplus: Money, as tender: Tender, to account: Account, on day: LocalDate
    ) throws -> LedgerEntry {
        try LedgerEntry(
            .tillDifference, on: day, in: surplus.currency,
            [.debit(tender.account, surplus), .credit(account, surplus)])
    }

    /// It left the till for the bank.
    package static func remittance(_ amount: Money, as tender: Tender, on day: LocalDate) throws -> LedgerEntry {
        try LedgerEntry(
            .remittance, on: day, in: amount.currency, [.debit(.underWay, amount), .credit(tender.account, amount)])
    }

    /// The bank has it; what it booked otherwise is on the account a person named.
    package static func deposit(
        received: Money, at bank: String? = nil, of amount: Money, difference account: Account?, on day: LocalDate
    ) throws -> LedgerEntry {
        try LedgerEntry(
            .deposit, on: day, in: amount.currency,
            [
                .debit(.bank, received, at: bank), .credit(.underWay, amount),
                .credit(account ?? .suspense, received.subtracting(amount)),
            ])
    }
}
