package import PaymentModel

/// Money of a payment should be at the bank by now and is not; it is told once for a payment.
package struct PayoutLateV1: EventPayload {
    package static let type = EventType(.reconciliation, "payout-late", version: 1)

    /// The online payment.
    package let paymentID: PaymentID
    /// Who takes the payment.
    package let provider: Provider
    /// What should have arrived for it.
    package let net: Money
    /// When.
    package let expectedOn: LocalDate

    package init(paymentID: PaymentID, provider: Provider, net: Money, expectedOn: LocalDate) {
        self.paymentID = paymentID
        self.provider = provider
        self.net = net
        self.expectedOn = expectedOn
    }
}
