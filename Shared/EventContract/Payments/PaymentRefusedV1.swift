package import PaymentModel

/// The provider refused the payment.
package struct PaymentRefusedV1: EventPayload {
    package static let type = EventType(.payments, "payment-refused", version: 1)

    /// The online payment.
    package let paymentID: PaymentID
    /// The invoice it is for; absent when it is for none.
    package let invoiceID: InvoiceID?
    /// Who pays.
    package let clientID: ClientID
    /// What is to be paid, without fees.
    package let amount: Money
    /// Who takes the payment.
    package let provider: Provider
    /// Why, as a code.
    package let reason: String

    package init(
        paymentID: PaymentID, invoiceID: InvoiceID? = nil, clientID: ClientID, amount: Money, provider: Provider,
        reason: String
    ) {
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.amount = amount
        self.provider = provider
        self.reason = reason
    }
}
