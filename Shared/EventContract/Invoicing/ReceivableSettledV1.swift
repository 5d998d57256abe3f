package import PaymentModel

/// Nothing is owed any more, because it was paid or written off.
package struct ReceivableSettledV1: EventPayload {
    package static let type = EventType(.invoicing, "receivable-settled", version: 1)

    /// What was owed, when it was on no invoice.
    package let receivableID: ReceivableID?
    /// The invoice, when it was owed on one.
    package let invoiceID: InvoiceID?
    /// Who owed it.
    package let clientID: ClientID
    /// What settled it.
    package let by: Reason
    /// What is given up of it.
    package let writtenOff: Money
    /// Day on which nothing more was due.
    package let settledOn: LocalDate
    /// The online payment that paid the last of what was on no invoice, when one did.
    package let paymentID: PaymentID?

    package init(
        receivableID: ReceivableID? = nil, invoiceID: InvoiceID? = nil, clientID: ClientID, by: Reason,
        writtenOff: Money, settledOn: LocalDate, paymentID: PaymentID? = nil
    ) {
        self.receivableID = receivableID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.by = by
        self.writtenOff = writtenOff
        self.settledOn = settledOn
        self.paymentID = paymentID
    }

    /// What can settle a receivable.
    package enum Reason: String, Codable, Sendable {
        case payment
        case writeOff = "write-off"
    }
}
