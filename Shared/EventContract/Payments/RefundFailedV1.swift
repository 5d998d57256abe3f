package import PaymentModel

/// The provider refused to give money back.
package struct RefundFailedV1: EventPayload {
    package static let type = EventType(.payments, "refund-failed", version: 1)

    /// The refund.
    package let refundID: RefundID
    /// The online payment.
    package let paymentID: PaymentID
    /// What was not given back.
    package let amount: Money
    /// Why, as a code.
    package let reason: String

    package init(refundID: RefundID, paymentID: PaymentID, amount: Money, reason: String) {
        self.refundID = refundID
        self.paymentID = paymentID
        self.amount = amount
        self.reason = reason
    }
}
