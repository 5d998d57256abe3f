package import PaymentModel

/// A payout and a bank line were found to be the same money.
package struct MatchedV1: EventPayload {
    package static let type = EventType(.reconciliation, "matched", version: 1)

    /// The payout.
    package let payoutID: PayoutID
    /// The bank line.
    package let bankLineID: BankLineID
    /// How much.
    package let amount: Money
    /// By which rule, as a code.
    package let rule: String

    package init(payoutID: PayoutID, bankLineID: BankLineID, amount: Money, rule: String) {
        self.payoutID = payoutID
        self.bankLineID = bankLineID
        self.amount = amount
        self.rule = rule
    }
}
