package import PaymentModel

/// Money that was a client's credit was counted for what the client owes.
package struct PaymentOnAccountAllocatedV1: EventPayload {
    package static let type = EventType(.invoicing, "payment-on-account-allocated", version: 1)

    /// The recorded money.
    package let paymentOnAccountID: PaymentOnAccountID
    /// Whose money it is.
    package let clientID: ClientID
    /// What went to which invoice.
    package let allocations: [PaymentOnAccountRecordedV1.Allocation]
    /// What went to debts that are on no invoice.
    package let receivables: [PaymentOnAccountRecordedV1.ReceivablePart]
    /// What is left for later.
    package let unallocated: Money
    /// Day on which it was counted; absent in what was told before it was known.
    package let on: LocalDate?

    package init(
        paymentOnAccountID: PaymentOnAccountID, clientID: ClientID,
        allocations: [PaymentOnAccountRecordedV1.Allocation],
        receivables: [PaymentOnAccountRecordedV1.ReceivablePart], unallocated: Money, on: LocalDate? = nil
    ) {
        self.paymentOnAccountID = paymentOnAccountID
        self.clientID = clientID
        self.allocations = allocations
        self.receivables = receivables
        self.unallocated = unallocated
        self.on = on
    }
}
