package import PaymentModel

/// The client's bank or the client disputes a payment at its provider; the money may be withheld.
package struct DisputeOpenedV1: EventPayload {
    package static let type = EventType(.payments, "dispute-opened", version: 1)

    /// The online payment.
    package let paymentID: PaymentID
    /// The invoice it is for; absent when it is for none.
    package let invoiceID: InvoiceID?
    /// Who pays.
    package let clientID: ClientID
    /// Who takes the payment.
    package let provider: Provider
    /// The provider's name for the dispute; where it takes one up again that the clinic had won, with /2, /3 and so on.
    package let disputeReference: String
    /// What is disputed.
    package let amount: Money
    /// Why, by the provider's code.
    package let reason: String
    /// The clinic's local day on which it became known.
    package let openedOn: LocalDate
    /// Until when the clinic may answer at the provider; absent where the provider does not say.
    package let respondBy: Instant?

    package init(
        paymentID: PaymentID, invoiceID: InvoiceID? = nil, clientID: ClientID, provider: Provider,
        disputeReference: String, amount: Money, reason: String, openedOn: LocalDate, respondBy: Instant? = nil
    ) {
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.provider = provider
        self.disputeReference = disputeReference
        self.amount = amount
        self.reason = reason
        self.openedOn = openedOn
        self.respondBy = respondBy
    }
}
