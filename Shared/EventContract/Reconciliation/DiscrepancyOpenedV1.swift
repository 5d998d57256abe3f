package import PaymentModel

/// Something in the books does not agree and needs a person.
package struct DiscrepancyOpenedV1: EventPayload {
    package static let type = EventType(.reconciliation, "discrepancy-opened", version: 1)

    /// The discrepancy.
    package let discrepancyID: DiscrepancyID
    /// What kind, as a code.
    package let kind: String
    /// By how much.
    package let amount: Money?
    /// The online payment it concerns.
    package let paymentID: PaymentID?
    /// The payout it concerns.
    package let payoutID: PayoutID?

    package init(
        discrepancyID: DiscrepancyID, kind: String, amount: Money? = nil, paymentID: PaymentID? = nil,
        payoutID: PayoutID? = nil
    ) {
        self.discrepancyID = discrepancyID
        self.kind = kind
        self.amount = amount
        self.paymentID = paymentID
        self.payoutID = payoutID
    }
}
