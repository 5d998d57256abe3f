package import PaymentModel

/// The client is to get the link of a payment by SMS, once more or for the first time.
package struct PaymentLinkRequestedV1: EventPayload {
    package static let type = EventType(.payments, "payment-link-requested", version: 1)

    /// The online payment.
    package let paymentID: PaymentID
    /// The invoice it is for; absent when it is for none.
    package let invoiceID: InvoiceID?
    /// Whose phone it goes to.
    package let clientID: ClientID
    /// What is to be paid, without fees.
    package let amount: Money
    /// When the link stops working.
    package let expiresAt: Instant

    package init(
        paymentID: PaymentID, invoiceID: InvoiceID? = nil, clientID: ClientID, amount: Money, expiresAt: Instant
    ) {
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.amount = amount
        self.expiresAt = expiresAt
    }
}
