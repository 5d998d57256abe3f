package import PaymentModel

/// Recorded money turned out not to have been received; what it had paid is due again.
package struct PaymentOnAccountReversedV1: EventPayload {
    package static let type = EventType(.invoicing, "payment-on-account-reversed", version: 1)

    /// The recorded money.
    package let paymentOnAccountID: PaymentOnAccountID
    /// Whose money it was.
    package let clientID: ClientID
    /// What was taken out of the books.
    package let amount: Money
    /// Why, as a code.
    package let reason: Reason
    /// Day of the reversal.
    package let reversedOn: LocalDate
    /// What was taken back from which invoice.
    package let allocations: [PaymentOnAccountRecordedV1.Allocation]
    /// What was taken back from debts that are on no invoice.
    package let receivables: [PaymentOnAccountRecordedV1.ReceivablePart]

    package init(
        paymentOnAccountID: PaymentOnAccountID, clientID: ClientID, amount: Money, reason: Reason,
        reversedOn: LocalDate, allocations: [PaymentOnAccountRecordedV1.Allocation],
        receivables: [PaymentOnAccountRecordedV1.ReceivablePart]
    ) {
        self.paymentOnAccountID = paymentOnAccountID
        self.clientID = clientID
        self.amount = amount
        self.reason = reason
        self.reversedOn = reversedOn
        self.allocations = allocations
        self.receivables = receivables
    }

    /// Why money was taken out of the books.
    package enum Reason: String, Codable, Sendable {
        case bounced, mistake, withdrawn
    }
}
