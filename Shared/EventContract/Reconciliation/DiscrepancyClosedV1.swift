package import PaymentModel

/// A discrepancy was cleared up.
package struct DiscrepancyClosedV1: EventPayload {
    package static let type = EventType(.reconciliation, "discrepancy-closed", version: 1)

    /// The discrepancy.
    package let discrepancyID: DiscrepancyID
    /// Who closed it, by id; absent when the missing piece did.
    package let by: String?

    package init(discrepancyID: DiscrepancyID, by: String? = nil) {
        self.discrepancyID = discrepancyID
        self.by = by
    }
}
