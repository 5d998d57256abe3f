package import PaymentModel

/// The books of some days were closed: their entries are validated and frozen.
package struct PeriodClosedV1: EventPayload {
    package static let type = EventType(.reconciliation, "period-closed", version: 1)

    /// First day.
    package let from: LocalDate
    /// Last day.
    package let to: LocalDate
    /// How many entries were validated.
    package let entries: Int
    /// Who did it, by id.
    package let by: String

    package init(from: LocalDate, to: LocalDate, entries: Int, by: String) {
        self.from = from
        self.to = to
        self.entries = entries
        self.by = by
    }
}
