package import PaymentModel

/// What is owed without an invoice was corrected before anything was paid on it.
package struct ReceivableCorrectedV1: EventPayload {
    package static let type = EventType(.invoicing, "receivable-corrected", version: 1)

    /// What is owed.
    package let receivableID: ReceivableID
    /// Who owes it.
    package let clientID: ClientID
    /// How much from now on; zero when nothing is owed.
    package let amount: Money
    /// Day by which it is to be paid.
    package let dueOn: LocalDate

    package init(
        receivableID: ReceivableID, clientID: ClientID, amount: Money, dueOn: LocalDate
    ) {
        self.receivableID = receivableID
        self.clientID = clientID
        self.amount = amount
        self.dueOn = dueOn
    }
}
