package import PaymentModel

/// A client is asked to pay online.
package struct PaymentRequestedV1: EventPayload {
    package static let type = EventType(.payments, "payment-requested", version: 1)

    /// The online payment.
    package let paymentID: PaymentID
    /// The invoice it is for; absent when it is for none.
    package let invoiceID: InvoiceID?
    /// What it is for that is owed without an invoice; absent when it is for an invoice or for none.
    package let receivableID: ReceivableID?
    /// Who pays.
    package let clientID: ClientID
    /// What is to be paid, without fees.
    package let amount: Money
    /// Who takes the payment.
    package let provider: Provider
    /// How it is to be paid.
    package let plan: PaymentPlan
    /// How the client is led to the payment page.
    package let channel: PaymentChannel
    /// When the request lapses.
    package let expiresAt: Instant
    /// Who asked for it at the clinic, by id.
    package let requestedBy: String?

    package init(
        paymentID: PaymentID, invoiceID: InvoiceID? = nil, receivableID: ReceivableID? = nil, clientID: ClientID,
        amount: Money, provider: Provider, plan: PaymentPlan, channel: PaymentChannel, expiresAt: Instant,
        requestedBy: String? = nil
    ) {
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.receivableID = receivableID
        self.clientID = clientID
        self.amount = amount
        self.provider = provider
        self.plan = plan
        self.channel = channel
        self.expiresAt = expiresAt
        self.requestedBy = requestedBy
    }
}
