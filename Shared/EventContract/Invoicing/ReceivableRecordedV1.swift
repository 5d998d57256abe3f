package import PaymentModel

/// A client owes an amount that is on no invoice.
package struct ReceivableRecordedV1: EventPayload {
    package static let type = EventType(.invoicing, "receivable-recorded", version: 1)

    /// What is owed.
    package let receivableID: ReceivableID
    /// Who owes it.
    package let clientID: ClientID
    /// How much.
    package let amount: Money
    /// Day it was recorded.
    package let recordedOn: LocalDate
    /// Day by which it is to be paid.
    package let dueOn: LocalDate

    package init(
        receivableID: ReceivableID, clientID: ClientID, amount: Money, recordedOn: LocalDate, dueOn: LocalDate
    ) {
        self.receivableID = receivableID
        self.clientID = clientID
        self.amount = amount
        self.recordedOn = recordedOn
        self.dueOn = dueOn
    }
}
