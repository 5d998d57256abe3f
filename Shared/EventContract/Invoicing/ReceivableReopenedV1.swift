package import PaymentModel

/// Something is owed again that was settled.
package struct ReceivableReopenedV1: EventPayload {
    package static let type = EventType(.invoicing, "receivable-reopened", version: 1)

    /// What is owed, when it is on no invoice.
    package let receivableID: ReceivableID?
    /// The invoice, when it is owed on one.
    package let invoiceID: InvoiceID?
    /// Who owes it.
    package let clientID: ClientID
    /// What is due again.
    package let due: Money
    /// Why.
    package let reason: Reason

    package init(
        receivableID: ReceivableID? = nil, invoiceID: InvoiceID? = nil, clientID: ClientID, due: Money,
        reason: Reason
    ) {
        self.receivableID = receivableID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.due = due
        self.reason = reason
    }

    /// Why something is owed again.
    package enum Reason: String, Codable, Sendable {
        case paymentReversed = "payment-reversed"
        case writeOffUndone = "write-off-undone"
    }
}
