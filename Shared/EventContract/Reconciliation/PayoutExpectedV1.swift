package import PaymentModel

/// Money of a payment is expected at the bank.
package struct PayoutExpectedV1: EventPayload {
    package static let type = EventType(.reconciliation, "payout-expected", version: 1)

    /// The online payment.
    package let paymentID: PaymentID
    /// Who takes the payment.
    package let provider: Provider
    /// What should arrive for it.
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
