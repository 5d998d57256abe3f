package import PaymentModel

/// A provider's fee was entered into the books.
package struct FeeRecordedV1: EventPayload {
    package static let type = EventType(.reconciliation, "fee-recorded", version: 1)

    /// The online payment.
    package let paymentID: PaymentID
    /// The invoice it is for; absent when it is for none.
    package let invoiceID: InvoiceID?
    /// Who takes the payment.
    package let provider: Provider
    /// What the client paid, without their fees.
    package let amount: Money
    /// The fee, before tax.
    package let fee: Money
    /// Tax on the fee.
    package let feeVAT: Money

    package init(
        paymentID: PaymentID, invoiceID: InvoiceID? = nil, provider: Provider, amount: Money, fee: Money, feeVAT: Money
    ) {
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.provider = provider
        self.amount = amount
        self.fee = fee
        self.feeVAT = feeVAT
    }
}
