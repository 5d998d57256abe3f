package import PaymentModel

/// Something that became true about a payment; each is announced to the other services or shown to a person.
package enum PaymentFact: Hashable, Sendable {
    case requested
    /// The link is to be sent to the client's phone.
    case linkRequested
    /// The client opened the link and the provider is being asked.
    case linkOpened(AttemptID)
    /// A code is to be sent to the client's phone.
    case codeRequested(Verification)
    case codeRight
    case codeWrong(triesLeft: Int)
    case accepted(Acceptance)
    case refused(reason: String)
    case cancelled(reason: CancelReason)
    case expired
    case becameUnknown(ProviderOperation)
    /// An instalment after those of the acceptance was paid.
    case instalmentPaid(NumberedInstalment)
    case instalmentLate(NumberedInstalment)
    /// The provider changed what the client owes when.
    case scheduleChanged([ScheduledInstalment])
    case refundRequested(Refund)
    case refundCompleted(Refund)
    case refundFailed(Refund, reason: String)
    /// A refund that was told as done failed after all: the money is with the clinic again.
    case refundReturned(Refund, reason: String)
    case disputeOpened(Dispute)
    case disputeClosed(Dispute)
    /// The provider looks again at one that was lost: what was charged back stays so meanwhile.
    case disputeReopened(Dispute)
    /// It did, and others know of no other end.
    case disputeStayedLost(Dispute)
    /// What must not happen without a person looking at it.
    case alarm(Alarm)
    /// A person looked at it and decided.
    case alarmResolved(Alarm, Resolution, reason: String)
    /// Who pays was forgotten.
    case clientErased
}

/// The provider's yes and what follows from it.
package struct Acceptance: Hashable, Sendable {
    /// The provider's name for the object that was paid.
    package let reference: String
    /// What was paid: what was asked for, unless a person decided otherwise.
    package let amount: Money
    /// When it was accepted.
    package let at: Instant
    /// What the client owes the provider and when.
    package internal(set) var schedule: [ScheduledInstalment]
    /// How far each instalment came, where the provider says it.
    package internal(set) var instalments: [InstalmentProgress]
    /// What the provider keeps.
    package let fee: ProviderFee
    /// When the money should be on the clinic's bank account.
    package let expectedPayoutOn: LocalDate
    /// Whose the money is.
    package let disposition: Disposition

    /// An acceptance as it was stored.
    package init(
        reference: String, amount: Money, at: Instant, schedule: [ScheduledInstalment],
        instalments: [InstalmentProgress], fee: ProviderFee, expectedPayoutOn: LocalDate, disposition: Disposition
    ) {
        self.reference = reference
        self.amount = amount
        self.at = at
        self.schedule = schedule
        self.instalments = instalments
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
    /// Less is owed than the payment asks for: a part was paid in another way, or credited.
    case receivableReduced = "receivable-reduced"
    /// The provider did it.
    case provider
    /// The client goes on with another provider, since this one was not reached.
    case otherMethod = "other-method"
    /// The client was erased, and no provider could be told who pays.
    case clientErased = "client-erased"

    /// Why a payment of an amount may not be paid any more where only so much is left; nil when it may.
    package init?(asking amount: Money, left: Money) {
        if !left.isPositive {
            self = .receivablePaid
        } else if amount.currency == left.currency, amount.minorUnits > left.minorUnits {
            self = .receivableReduced
        } else {
            return nil
        }
    }
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
    /// The client does not have what was given back.
    case refundReturned(reference: String, amount: Money)
    /// What was told as given back is not in the provider's list a day later: the client may not have it.
    case refundMissing(reference: String, amount: Money)
    /// The client has a refund that the provider had listed as failed, or that a person had let go of.
    case refundArrived(reference: String, amount: Money)
    /// What was accepted is not paid any more by the provider's word.
    case noLongerPaid(reference: String, amount: Money)
    /// A dispute is in another currency than what was paid: nobody can say what of it is left.
    case disputeInOtherCurrency(reference: String, amount: Money)
    /// The clinic won a dispute after all that was told as lost: the books have what was charged back.
    case disputeWon(reference: String, amount: Money)
    /// What was won after all, for which a person had set the books right, is lost once more.
    case disputeLostAgain(reference: String, amount: Money)

    /// The provider was asked in vain what became of a try, or of its cancellation; the reference is the try's.
    case noAnswer(reference: String)
    /// The provider was asked in vain what became of a refund; the reference is the refund's.
    case refundNoAnswer(reference: String, amount: Money)

    /// A stable word for metrics and lists.
    package var kind: String {
        switch self {
        case .amountDiffers: "amount-differs"
        case .paidTwice: "paid-twice"
        case .refundedElsewhere: "refunded-elsewhere"
        case .refundedTwice: "refunded-twice"
        case .refundDiffers: "refund-differs"
        case .refundReturned: "refund-returned"
        case .refundMissing: "refund-missing"
        case .refundArrived: "refund-arrived"
        case .noLongerPaid: "no-longer-paid"
        case .disputeInOtherCurrency: "dispute-in-other-currency"
        case .disputeWon: "dispute-won"
        case .disputeLostAgain: "dispute-lost-again"
        case .noAnswer: "no-answer"
        case .refundNoAnswer: "refund-no-answer"
        }
    }

    /// The provider's object it is about.
    package var reference: String {
        switch self {
        case .amountDiffers(let reference, _, _), .paidTwice(let reference, _), .refundedElsewhere(let reference, _),
            .refundedTwice(let reference, _), .refundReturned(let reference, _), .refundArrived(let reference, _),
            .refundDiffers(let reference, _, _), .noLongerPaid(let reference, _), .noAnswer(let reference),
            .refundNoAnswer(let reference, _), .disputeInOtherCurrency(let reference, _),
            .refundMissing(let reference, _), .disputeWon(let reference, _), .disputeLostAgain(let reference, _):
            reference
        }
    }

    /// Whether the provider goes on listing what it is about, so that every reading would raise it again.
    var isListedOn: Bool {
        switch self {
        case .paidTwice, .refundedElsewhere, .refundedTwice, .refundDiffers, .refundMissing, .noLongerPaid,
            .disputeWon:
            true
        case .amountDiffers, .refundReturned, .refundArrived, .noAnswer, .refundNoAnswer, .disputeInOtherCurrency,
            .disputeLostAgain:
            false
        }
    }

    /// Whether its reference is the provider's name for a refund; of a missing one it may be ours.
    var isAboutRefund: Bool {
        switch self {
        case .refundedElsewhere, .refundedTwice, .refundDiffers, .refundReturned, .refundArrived: true
        case .amountDiffers, .paidTwice, .refundMissing, .noLongerPaid, .noAnswer, .refundNoAnswer,
            .disputeInOtherCurrency, .disputeWon, .disputeLostAgain:
            false
        }
    }

    /// Whether nothing but the provider's silence is the matter.
    package var isSilence: Bool {
        switch self {
        case .noAnswer, .refundNoAnswer: true
        case .amountDiffers, .paidTwice, .refundedElsewhere, .refundedTwice, .refundDiffers, .refundReturned,
            .refundMissing, .refundArrived, .noLongerPaid, .disputeInOtherCurrency, .disputeWon, .disputeLostAgain:
            false
        }
    }
}
