package import PaymentModel

/// The provider has given money back.
package struct RefundCompletedV1: EventPayload {
    package static let type = EventType(.payments, "refund-completed", version: 1)

    /// The refund.
    package let refundID: RefundID
    /// The online payment.
    package let paymentID: PaymentID
    /// The invoice it is for; absent when it is for none.
    package let invoiceID: InvoiceID?
    /// Who pays.
    package let clientID: ClientID
    /// What was given back.
    package let amount: Money
    /// Who takes the payment.
    package let provider: Provider
    /// The provider's schedule after the refund.
    package let schedule: [ScheduledInstalment]
    /// When the provider did it.
    package let completedAt: Instant
    /// The clinic's local day of it, by which everybody books it.
    package let completedOn: LocalDate?

    package init(
        refundID: RefundID, paymentID: PaymentID, invoiceID: InvoiceID? = nil, clientID: ClientID, amount: Money,
        provider: Provider, schedule: [ScheduledInstalment], completedAt: Instant,
        completedOn: LocalDate? = nil
    ) {
        self.refundID = refundID
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.amount = amount
        self.provider = provider
        self.schedule = schedule
        self.completedAt = completedAt
        self.completedOn = completedOn
    }
}
