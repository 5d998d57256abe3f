package import PaymentModel

/// Credit that had been put away is the client's again.
package struct PaymentOnAccountRestoredV1: EventPayload {
    package static let type = EventType(.invoicing, "payment-on-account-restored", version: 1)

    /// The recorded money.
    package let paymentOnAccountID: PaymentOnAccountID
    /// Whose credit it is.
    package let clientID: ClientID
    /// What is credit again.
    package let amount: Money

    package init(
        paymentOnAccountID: PaymentOnAccountID, clientID: ClientID, amount: Money
    ) {
        self.paymentOnAccountID = paymentOnAccountID
        self.clientID = clientID
        self.amount = amount
    }
}
