package import PaymentModel

/// The provider changed what the client owes when, other than by a refund that tells it itself.
package struct ScheduleChangedV1: EventPayload {
    package static let type = EventType(.payments, "schedule-changed", version: 1)

    /// The online payment.
    package let paymentID: PaymentID
    /// The invoice it is for; absent when it is for none.
    package let invoiceID: InvoiceID?
    /// Who pays.
    package let clientID: ClientID
    /// What the client owes now, and when.
    package let schedule: [ScheduledInstalment]

    package init(
        paymentID: PaymentID, invoiceID: InvoiceID? = nil, clientID: ClientID, schedule: [ScheduledInstalment]
    ) {
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.schedule = schedule
    }
}
