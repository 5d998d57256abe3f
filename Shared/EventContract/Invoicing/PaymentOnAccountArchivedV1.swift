package import PaymentModel

/// Credit that follows nothing any more was put away.
package struct PaymentOnAccountArchivedV1: EventPayload {
    package static let type = EventType(.invoicing, "payment-on-account-archived", version: 1)

    /// The recorded money.
    package let paymentOnAccountID: PaymentOnAccountID
    /// Whose credit it was.
    package let clientID: ClientID
    /// What was put away of it.
    package let amount: Money
    /// Day on which it left the balances.
    package let archivedOn: LocalDate

    package init(
        paymentOnAccountID: PaymentOnAccountID, clientID: ClientID, amount: Money, archivedOn: LocalDate
    ) {
        self.paymentOnAccountID = paymentOnAccountID
        self.clientID = clientID
        self.amount = amount
        self.archivedOn = archivedOn
    }
}
