package import PaymentModel

/// The provider refused to give money back, or the money came back after it was reported done.
package struct RefundFailedV1: EventPayload {
    package static let type = EventType(.payments, "refund-failed", version: 1)

    /// The refund.
    package let refundID: RefundID
    /// The online payment.
    package let paymentID: PaymentID
    /// The invoice it is for; absent when it is for none.
    package let invoiceID: InvoiceID?
    /// Who paid.
    package let clientID: ClientID?
    /// Who took the payment.
    package let provider: Provider?
    /// What was not given back.
    package let amount: Money
    /// Why, as a code.
    package let reason: String
    /// Whether refund-completed was told before: whoever booked it takes it back.
    package let wasCompleted: Bool?
    /// The clinic's local day of it, by which everybody books it.
    package let failedOn: LocalDate?

    package init(
        refundID: RefundID, paymentID: PaymentID, invoiceID: InvoiceID? = nil, clientID: ClientID? = nil,
        provider: Provider? = nil, amount: Money, reason: String, wasCompleted: Bool? = nil,
        failedOn: LocalDate? = nil
    ) {
        self.refundID = refundID
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.provider = provider
        self.amount = amount
        self.reason = reason
        self.wasCompleted = wasCompleted
        self.failedOn = failedOn
    }
}
