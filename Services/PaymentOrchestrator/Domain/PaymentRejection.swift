package import PaymentModel

/// Why a payment refuses what was asked of it; each is an answer for a person, not a failure.
package enum PaymentRejection: Error, Hashable, Sendable {
    /// The provider is being asked right now.
    case startInProgress
    /// The provider holds it already: send the client there.
    case alreadyOpen(payURL: String)
    /// Nobody knows whether the provider opened it; a second try could make the client pay twice.
    case outcomeUnknown
    /// It is being called off.
    case beingCancelled
    /// The provider has no page for it: the client has agreed there, and the provider has not decided.
    case agreed
    /// The code sent to the client's phone was not read out yet.
    case notConfirmed
    /// The link's time is over.
    case linkExpired
    /// The link was sent again a moment ago.
    case linkJustSent(seconds: Int64)
    /// It reached its end.
    case closed(PaymentState)
    /// Money was accepted: give it back instead of cancelling.
    case alreadyPaid
    /// Nothing was accepted, so nothing can be given back.
    case notPaid(PaymentState)
    /// The refund is zero or negative.
    case refundNotPositive
    /// The refund is in another currency than the payment's, which this is.
    case refundInOtherCurrency(Currency)
    /// More than what is left of the payment.
    case refundTooLarge(left: Money)
    /// What is left is less than that by what the client disputes at the provider, or what was charged back.
    case refundDisputed(left: Money, isOpen: Bool)
    /// The refund is not one of this payment.
    case unknownRefund
    /// Somebody else ordered the refund meanwhile, or it was decided: there is nothing to order.
    case refundBeingOrdered
    /// The attempt is not one of this payment.
    case unknownAttempt
    /// Nobody may know any more who pays.
    case clientErased
}
