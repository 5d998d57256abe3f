package import PaymentModel

/// Nobody knows whether money moved; a person is to look.
package struct PaymentUnknownV1: EventPayload {
    package static let type = EventType(.payments, "payment-unknown", version: 1)

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
    /// What was being done at the provider, as a code.
    package let operation: String

    package init(
        paymentID: PaymentID, invoiceID: InvoiceID? = nil, clientID: ClientID, amount: Money, provider: Provider,
        operation: String
    ) {
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.amount = amount
        self.provider = provider
        self.operation = operation
    }
}
