package import PaymentModel

/// A code is to be sent to the client's phone; whoever sends it asks for it by its id.
package struct VerificationRequestedV1: EventPayload {
    package static let type = EventType(.payments, "verification-requested", version: 1)

    /// The online payment.
    package let paymentID: PaymentID
    /// The code.
    package let verificationID: VerificationID
    /// Whose phone it goes to.
    package let clientID: ClientID
    /// When it is no longer good.
    package let expiresAt: Instant

    package init(
        paymentID: PaymentID, verificationID: VerificationID, clientID: ClientID, expiresAt: Instant
    ) {
        self.paymentID = paymentID
        self.verificationID = verificationID
        self.clientID = clientID
        self.expiresAt = expiresAt
    }
}
