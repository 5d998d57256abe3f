package import PaymentModel

/// The client did not pay an instalment on its day; the clinic is paid all the same.
package struct InstalmentLateV1: EventPayload {
    package static let type = EventType(.payments, "instalment-late", version: 1)

    /// The online payment.
    package let paymentID: PaymentID
    /// The invoice it is for; absent when it is for none.
    package let invoiceID: InvoiceID?
    /// Who pays.
    package let clientID: ClientID
    /// Which of them, from 1.
    package let number: Int
    /// How many there are.
    package let count: Int
    /// Its day.
    package let dueOn: LocalDate
    /// What is late of the price, without fees.
    package let amount: Money

    package init(
        paymentID: PaymentID, invoiceID: InvoiceID? = nil, clientID: ClientID, number: Int, count: Int,
        dueOn: LocalDate, amount: Money
    ) {
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.number = number
        self.count = count
        self.dueOn = dueOn
        self.amount = amount
    }
}
