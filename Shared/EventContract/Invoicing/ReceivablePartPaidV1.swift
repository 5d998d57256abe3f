package import PaymentModel

/// More or less is due on what is owed without an invoice, and something still is.
package struct ReceivablePartPaidV1: EventPayload {
    package static let type = EventType(.invoicing, "receivable-part-paid", version: 1)

    /// What is owed.
    package let receivableID: ReceivableID
    /// Who owes it.
    package let clientID: ClientID
    /// What is due of it now.
    package let due: Money
    /// The online payment that was counted with it, when one was.
    package let paymentID: PaymentID?

    package init(receivableID: ReceivableID, clientID: ClientID, due: Money, paymentID: PaymentID? = nil) {
        self.receivableID = receivableID
        self.clientID = clientID
        self.due = due
        self.paymentID = paymentID
    }
}
