package import PaymentModel

/// A dispute ended; one that is lost takes the disputed amount back from the clinic.
package struct DisputeClosedV1: EventPayload {
    package static let type = EventType(.payments, "dispute-closed", version: 1)

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
    /// What was disputed.
    package let amount: Money
    /// What the provider took back of a lost one; absent where that is what was disputed.
    package let chargedBack: Money?
    /// For whom it ended: won, the clinic keeps the money; lost, it is charged back.
    package let outcome: Outcome
    /// The clinic's local day on which it became known.
    package let closedOn: LocalDate

    package init(
        paymentID: PaymentID, invoiceID: InvoiceID? = nil, clientID: ClientID, provider: Provider,
        disputeReference: String, amount: Money, chargedBack: Money? = nil, outcome: Outcome, closedOn: LocalDate
    ) {
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.clientID = clientID
        self.provider = provider
        self.disputeReference = disputeReference
        self.amount = amount
        self.chargedBack = chargedBack
        self.outcome = outcome
        self.closedOn = closedOn
    }

    /// For whom a dispute ended, seen from the clinic.
    package enum Outcome: String, Codable, Sendable, CaseIterable {
        case lost, won
    }
}
