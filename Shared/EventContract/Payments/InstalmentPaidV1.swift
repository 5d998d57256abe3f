package import PaymentModel

/// The client paid an instalment after those the acceptance told of.
package struct InstalmentPaidV1: EventPayload {
    package static let type = EventType(.payments, "instalment-paid", version: 1)

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
    /// What was paid of the price, without fees.
    package let amount: Money
    /// The day it was paid, in the clinic's zone.
    package let paidOn: LocalDate

    package init(
        paymentID: PaymentID, invoiceID: InvoiceID? = nil, clientID: ClientID, number: Int, count: Int,
        dueOn: LocalDate, amount: Money, paidOn: LocalDate
    ) {
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.number = number
        self.count = count
        self.dueOn = dueOn
        self.amount = amount
        self.paidOn = paidOn
    }
}
