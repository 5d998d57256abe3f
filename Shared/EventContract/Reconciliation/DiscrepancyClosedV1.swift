package import PaymentModel

/// A discrepancy was cleared up.
package struct DiscrepancyClosedV1: EventPayload {
    package static let type = EventType(.reconciliation, "discrepancy-closed", version: 1)

    /// The discrepancy.
    package let discrepancyID: DiscrepancyID

    package init(discrepancyID: DiscrepancyID) {
        self.discrepancyID = discrepancyID
    }
}
