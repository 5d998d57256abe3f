package import PaymentModel

/// The client opened the payment link for the first time.
package struct PaymentLinkOpenedV1: EventPayload {
    package static let type = EventType(.payments, "payment-link-opened", version: 1)

    /// The online payment.
    package let paymentID: PaymentID

    package init(paymentID: PaymentID) {
        self.paymentID = paymentID
    }
}
