package import PaymentModel

/// A line of a bank statement came in.
package struct BankLineImportedV1: EventPayload {
    package static let type = EventType(.reconciliation, "bank-line-imported", version: 1)

    /// The line.
    package let bankLineID: BankLineID
    /// The statement it is on.
    package let statementID: StatementID
    /// Positive when money came in.
    package let amount: Money
    /// Day the bank booked it.
    package let bookedOn: LocalDate

    package init(bankLineID: BankLineID, statementID: StatementID, amount: Money, bookedOn: LocalDate) {
        self.bankLineID = bankLineID
        self.statementID = statementID
        self.amount = amount
        self.bookedOn = bookedOn
    }
}
