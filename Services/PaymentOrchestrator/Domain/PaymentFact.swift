package import PaymentModel

/// Something that became true about a payment; each is announced to the other services or shown to a person.
package enum PaymentFact: Hashable, Sendable {
    case requested
    /// The client opened the link and the provider is being asked.
    case linkOpened(AttemptID)
    case accepted(Acceptance)
    case refused(reason: String)
    case cancelled(reason: CancelReason)
    case expired
    case becameUnknown(ProviderOperation)
    case refundRequested(Refund)
    case refundCompleted(Refund)
    case refundFailed(Refund, reason: String)
    /// What must not happen without a person looking at it.
    case alarm(Alarm)
}

/// The provider's yes and what follows from it.
package struct Acceptance: Hashable, Sendable {
    /// The provider's name for the object that was paid.
    package let reference: String
    /// When it was accepted.
    package let at: Instant
    /// What the client owes the provider and when.
    package internal(set) var schedule: [ScheduledInstalment]
    /// What the provider keeps.
    package let fee: ProviderFee
    /// When the money should be on the clinic's bank account.
    package let expectedPayoutOn: LocalDate
    /// Whose the money is.
    package let disposition: Disposition

    /// An acceptance as it was stored.
    package init(
        reference: String, at: Instant, schedule: [ScheduledInstalment], fee: ProviderFee,
        expectedPayoutOn: LocalDate, disposition: Disposition
    ) {
        self.reference = reference
        self.at = at
        self.schedule = schedule
        self.fee = fee
        self.expectedPayoutOn = expectedPayoutOn
        self.disposition = disposition
    }
}

/// Why a payment was called off.
package enum CancelReason: String, Hashable, Sendable, Codable, CaseIterable {
    /// Somebody at the clinic did it.
    case staff
    /// The link's time was over.
    case linkExpired = "link-expired"
    /// The receivable was paid in another way.
    case receivablePaid = "receivable-paid"
    /// The provider did it.
    case provider
}

/// A contradiction between us and the provider that no rule may resolve silently.
package enum Alarm: Hashable, Sendable, Codable {
    /// The provider's object is about another sum than the one asked for.
    case amountDiffers(reference: String, asked: Money, reported: Money)
    /// Two objects of one payment were both paid.
    case paidTwice(reference: String, amount: Money)
    /// The provider gave money back that nobody here asked for.
    case refundedElsewhere(reference: String, amount: Money)
    /// The provider gave back more than once for one refund of ours.
    case refundedTwice(reference: String, amount: Money)
    /// The provider gave back another amount than was ordered.
    case refundDiffers(reference: String, asked: Money, reported: Money)

    /// A stable word for metrics and lists.
    package var kind: String {
        switch self {
        case .amountDiffers: "amount-differs"
        case .paidTwice: "paid-twice"
        case .refundedElsewhere: "refunded-elsewhere"
        case .refundedTwice: "refunded-twice"
        case .refundDiffers: "refund-differs"
        }
    }

    /// The provider's object it is about.
    package var reference: String {
        switch self {
        case .amountDiffers(let reference, _, _), .paidTwice(let reference, _), .refundedElsewhere(let reference, _),
            .refundedTwice(let reference, _), .refundDiffers(let reference, _, _):
            reference
        }
    }
}
