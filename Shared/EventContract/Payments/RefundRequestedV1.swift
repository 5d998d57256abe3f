package import PaymentModel

/// Money is to be given back.
package struct RefundRequestedV1: EventPayload {
    package static let type = EventType(.payments, "refund-requested", version: 1)

    /// The refund.
    package let refundID: RefundID
    /// The online payment.
    package let paymentID: PaymentID
    /// The invoice it is for; absent when it is for none.
    package let invoiceID: InvoiceID?
    /// Who pays.
    package let clientID: ClientID
    /// What is given back.
    package let amount: Money

    package init(
        refundID: RefundID, paymentID: PaymentID, invoiceID: InvoiceID? = nil, clientID: ClientID, amount: Money
    ) {
        self.refundID = refundID
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.amount = amount
    }
}
