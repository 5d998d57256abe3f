package import PaymentModel

/// Money was taken at a clinic's till, by whatever method.
package struct CashCollectedV1: EventPayload {
    package static let type = EventType(.invoicing, "cash-collected", version: 1)

    /// The recorded money.
    package let paymentOnAccountID: PaymentOnAccountID
    /// Whose debts it is for.
    package let clientID: ClientID
    /// How much, without what was handed back.
    package let amount: Money
    /// The organisation's code of the method.
    package let method: String
    /// What the method is by nature.
    package let kind: Kind
    /// Day of the clinic's till.
    package let collectedOn: LocalDate
    /// Number of the receipt in the clinic's gap-free series.
    package let receiptNumber: String
    /// Code of the journal it is booked in.
    package let journal: String
    /// Account it is booked on.
    package let account: String

    package init(
        paymentOnAccountID: PaymentOnAccountID, clientID: ClientID, amount: Money, method: String, kind: Kind,
        collectedOn: LocalDate, receiptNumber: String, journal: String, account: String
    ) {
        self.paymentOnAccountID = paymentOnAccountID
        self.clientID = clientID
        self.amount = amount
        self.method = method
        self.kind = kind
        self.collectedOn = collectedOn
        self.receiptNumber = receiptNumber
        self.journal = journal
        self.account = account
    }

    /// What a method of payment is by nature.
    package enum Kind: String, Codable, Sendable {
        case cash, cheque, card, transfer
        case directDebit = "direct-debit"
        case other
    }
}
