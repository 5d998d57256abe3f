package import PaymentModel

/// A provider took recorded money back after a dispute that was lost; what it had paid is due again.
package struct PaymentOnAccountChargedBackV1: EventPayload {
    package static let type = EventType(.invoicing, "payment-on-account-charged-back", version: 1)

    /// The recorded money.
    package let paymentOnAccountID: PaymentOnAccountID
    /// Whose money it was.
    package let clientID: ClientID
    /// What was taken of it, credit that was left of it included.
    package let amount: Money
    /// Day on which the dispute ended.
    package let chargedBackOn: LocalDate
    /// What was taken back from which invoice.
    package let allocations: [PaymentOnAccountRecordedV1.Allocation]
    /// What was taken back from debts that are on no invoice.
    package let receivables: [PaymentOnAccountRecordedV1.ReceivablePart]

    package init(
        paymentOnAccountID: PaymentOnAccountID, clientID: ClientID, amount: Money, chargedBackOn: LocalDate,
        allocations: [PaymentOnAccountRecordedV1.Allocation],
        receivables: [PaymentOnAccountRecordedV1.ReceivablePart]
    ) {
        self.paymentOnAccountID = paymentOnAccountID
        self.clientID = clientID
        self.amount = amount
        self.chargedBackOn = chargedBackOn
        self.allocations = allocations
        self.receivables = receivables
    }
}
