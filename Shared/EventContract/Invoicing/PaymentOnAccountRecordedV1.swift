package import PaymentModel

/// Money of a client was recorded and allocated.
package struct PaymentOnAccountRecordedV1: EventPayload {
    package static let type = EventType(.invoicing, "payment-on-account-recorded", version: 1)

    /// The recorded money.
    package let paymentOnAccountID: PaymentOnAccountID
    /// Whose money it is.
    package let clientID: ClientID
    /// How much.
    package let amount: Money
    /// How it was paid, as a code.
    package let method: String
    /// The online payment it came from.
    package let paymentID: PaymentID?
    /// What went to which invoice.
    package let allocations: [Allocation]
    /// What went to debts that are on no invoice.
    package let receivables: [ReceivablePart]?
    /// What is left for later.
    package let unallocated: Money
    /// The clinic's local day on which it was received; absent in what was told before it was known.
    package let receivedOn: LocalDate?

    package init(
        paymentOnAccountID: PaymentOnAccountID, clientID: ClientID, amount: Money, method: String,
        paymentID: PaymentID? = nil, allocations: [Allocation], receivables: [ReceivablePart]? = nil,
        unallocated: Money, receivedOn: LocalDate? = nil
    ) {
        self.paymentOnAccountID = paymentOnAccountID
        self.clientID = clientID
        self.amount = amount
        self.method = method
        self.paymentID = paymentID
        self.allocations = allocations
        self.receivables = receivables
        self.unallocated = unallocated
        self.receivedOn = receivedOn
    }

    /// A part that went to one invoice.
    package struct Allocation: Codable, Sendable, Equatable {
        package let invoiceID: InvoiceID
        package let amount: Money

        package init(invoiceID: InvoiceID, amount: Money) {
            self.invoiceID = invoiceID
            self.amount = amount
        }
    }

    /// A part that went to a debt that is on no invoice.
    package struct ReceivablePart: Codable, Sendable, Equatable {
        package let receivableID: ReceivableID
        package let amount: Money

        package init(receivableID: ReceivableID, amount: Money) {
            self.receivableID = receivableID
            self.amount = amount
        }
    }
}
