package import PaymentModel

/// A payout was marked as arrived.
package struct PayoutPointedV1: EventPayload {
    package static let type = EventType(.reconciliation, "payout-pointed", version: 1)

    /// The payout.
    package let payoutID: PayoutID
    /// Who takes the payment.
    package let provider: Provider
    /// How much arrived.
    package let amount: Money
    /// The bank line that shows it.
    package let bankLineID: BankLineID?
    /// Who or what did it, by id.
    package let by: String

    package init(payoutID: PayoutID, provider: Provider, amount: Money, bankLineID: BankLineID? = nil, by: String) {
        self.payoutID = payoutID
        self.provider = provider
        self.amount = amount
        self.bankLineID = bankLineID
        self.by = by
    }
}
