package import PaymentModel

/// A payout has arrived, or its provider says that it paid it.
package struct PayoutPointedV1: EventPayload {
    package static let type = EventType(.reconciliation, "payout-pointed", version: 1)

    /// The payout.
    package let payoutID: PayoutID
    /// Who takes the payment.
    package let provider: Provider
    /// What the bank received for it; where it shows none, what the provider announced.
    package let amount: Money
    /// The bank line that shows it, where one alone does.
    package let bankLineID: BankLineID?
    /// Who or what did it, by id.
    package let by: String
    /// By which rule, as a code: provider where its provider says so and no bank line shows it yet.
    package let rule: String?

    package init(
        payoutID: PayoutID, provider: Provider, amount: Money, bankLineID: BankLineID? = nil, by: String,
        rule: String? = nil
    ) {
        self.payoutID = payoutID
        self.provider = provider
        self.amount = amount
        self.bankLineID = bankLineID
        self.by = by
        self.rule = rule
    }
}
