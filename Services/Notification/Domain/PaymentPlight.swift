/// Where a payment is, as far as what its client is told depends on it (C-10).
package enum PaymentPlight: Hashable, Sendable {
    /// It may still be made, as far as is known.
    case open
    /// Its client has agreed at the provider, which has yet to decide: nothing is left to do by the link.
    case agreed
    /// It is being called off at the provider, since its debt was paid otherwise or nobody wants it: its link pays
    /// nothing, whatever the provider says.
    case cancelling
    case accepted, refused, cancelled, expired

    /// By the word of payment-orchestrator; what it did not say, or says in a later version, ends nothing.
    package init(_ state: String?, isAgreed: Bool = false, isCancelling: Bool = false) {
        switch state {
        case "accepted": self = .accepted
        case "refused": self = .refused
        case "cancelled": self = .cancelled
        case "expired": self = .expired
        case "cancelling": self = .cancelling
        default: self = isCancelling ? .cancelling : isAgreed ? .agreed : .open
        }
    }

    /// Whether a message of this occasion still says what is true.
    package func bears(_ occasion: Occasion) -> Bool {
        switch occasion {
        case .paymentLink, .paymentReminder: self == .open
        case .paymentRefused: self == .refused
        case .paymentCancelled: self == .cancelled
        case .paymentAccepted, .refund, .debitNotice, .verificationCode, .invoice, .invoiceLink, .creditNote, .receipt,
            .depositRequest, .overdue, .campaign:
            true
        }
    }

    /// Whether who has the link of a cancelled payment is told: not where they pay in another way instead, nor whoever
    /// was erased.
    package static func isTold(cancelledBecause reason: String) -> Bool {
        !["receivable-paid", "other-method", "link-expired", "client-erased"].contains(reason)
    }
}
