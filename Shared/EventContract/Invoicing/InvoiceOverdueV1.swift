package import PaymentModel

/// Something that is owed is late by as many days as a level of dunning takes.
package struct InvoiceOverdueV1: EventPayload {
    package static let type = EventType(.invoicing, "invoice-overdue", version: 1)

    /// The invoice, when it is owed on one.
    package let invoiceID: InvoiceID?
    /// What is owed, when it is on no invoice.
    package let receivableID: ReceivableID?
    /// Who owes it.
    package let clientID: ClientID
    /// The level that was reached, from 1.
    package let level: Int
    /// What is due.
    package let due: Money
    /// Day by which it was to be paid.
    package let dueOn: LocalDate
    /// Days since then, at the clinic.
    package let daysLate: Int

    package init(
        invoiceID: InvoiceID? = nil, receivableID: ReceivableID? = nil, clientID: ClientID, level: Int, due: Money,
        dueOn: LocalDate, daysLate: Int
    ) {
        self.invoiceID = invoiceID
        self.receivableID = receivableID
        self.clientID = clientID
        self.level = level
        self.due = due
        self.dueOn = dueOn
        self.daysLate = daysLate
    }
}
