package import PaymentModel

/// The mark that a payout arrived was taken back.
package struct PayoutUnpointedV1: EventPayload {
    package static let type = EventType(.reconciliation, "payout-unpointed", version: 1)

    /// The payout.
    package let payoutID: PayoutID
    /// Who or what did it, by id.
    package let by: String

    package init(payoutID: PayoutID, by: String) {
        self.payoutID = payoutID
        self.by = by
    }
}
