package import PaymentModel

/// Whether who stands at the desk holds the client's phone: a code sent there is read out, PAY-5.
///
/// What the code is nobody here knows; two fingerprints of it are compared.
package struct Verification: Hashable, Sendable, Codable {
    /// Wrong codes until another has to be sent.
    package static let triesMax = 5
    /// How long a code is good.
    package static let lifetime = Duration.seconds(600)
    /// Codes of one payment, so that nobody's phone is flooded and nobody guesses for ever.
    package static let codesMax = 5
    /// The shortest time between two of them.
    package static let pause = Duration.seconds(30)

    /// A code that was made for a payment.
    package struct Code: Hashable, Sendable, Codable {
        /// Its name.
        package let id: VerificationID
        /// What tells it from another, and from which it cannot be worked out.
        package let fingerprint: [UInt8]
        /// The key the fingerprint was made with.
        package let keyID: String

        /// A code by its fingerprint.
        package init(id: VerificationID, fingerprint: [UInt8], keyID: String) {
            self.id = id
            self.fingerprint = fingerprint
            self.keyID = keyID
        }
    }

    /// The code that was sent last.
    package let code: Code
    /// When it was asked for.
    package let askedAt: Instant
    /// Which of the payment's codes it is.
    package let number: Int
    /// How often it may still be got wrong.
    package internal(set) var triesLeft: Int
    /// When it was read out right.
    package internal(set) var verifiedAt: Instant?

    /// Until when it is good.
    package var expiresAt: Instant { askedAt.adding(Verification.lifetime) }
}

/// What became of a code that was read out.
package enum VerificationOutcome: Hashable, Sendable, Codable {
    case verified
    case wrong(triesLeft: Int)
}

/// Why a code is neither sent nor taken; each is an answer for a person.
package enum VerificationRejection: Error, Hashable, Sendable {
    /// The payment is made without one.
    case notWanted
    /// The payment is under way or over.
    case closed(PaymentState)
    /// It was read out right before.
    case verifiedBefore
    /// The last one was sent a moment ago.
    case tooSoon(seconds: Int64)
    /// As many were sent as may be.
    case codesUsedUp
    /// It is too old: send another.
    case expired
    /// It was got wrong too often: send another.
    case triesUsedUp
}
