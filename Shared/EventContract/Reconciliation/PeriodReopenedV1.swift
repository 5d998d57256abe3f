package import PaymentModel

/// A manager opened the books of some days again; what was validated stays validated.
package struct PeriodReopenedV1: EventPayload {
    package static let type = EventType(.reconciliation, "period-reopened", version: 1)

    /// First day.
    package let from: LocalDate
    /// Last day.
    package let to: LocalDate
    /// Who did it, by id.
    package let by: String

    package init(from: LocalDate, to: LocalDate, by: String) {
        self.from = from
        self.to = to
        self.by = by
    }
}
