/// What can be wrong between our books, the provider and the bank (REC-5).
package enum DiscrepancyKind: String, Hashable, Sendable, CaseIterable {
    /// The provider's report names a payment we do not know.
    case unknownPayment = "unknown-payment"
    /// The provider settled another amount than was paid.
    case amount
    /// The provider kept another fee than it announced.
    case fee
    /// The bank received another sum than the provider's payout.
    case payoutAmount = "payout-amount"
    /// The provider gave or took something that no payment explains.
    case unexplained
    /// A payout is not in the bank though it should be.
    case missingPayout = "missing-payout"
    /// The provider settled the same thing twice.
    case duplicate
    /// A payment is past its expected payout date.
    case late
}
