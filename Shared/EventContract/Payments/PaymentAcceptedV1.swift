package import PaymentModel

/// The provider has accepted the payment: the green light.
package struct PaymentAcceptedV1: EventPayload {
    package static let type = EventType(.payments, "payment-accepted", version: 1)

    /// The online payment.
    package let paymentID: PaymentID
    /// The invoice it is for; absent when it is for none.
    package let invoiceID: InvoiceID?
    /// What it is for that is owed without an invoice; absent when it is for an invoice or for none.
    package let receivableID: ReceivableID?
    /// Who pays.
    package let clientID: ClientID
    /// What is to be paid, without fees.
    package let amount: Money
    /// Who takes the payment.
    package let provider: Provider
    /// The provider's id of the payment.
    package let providerReference: String
    /// How it is paid.
    package let plan: PaymentPlan
    /// The provider's own schedule.
    package let schedule: [ScheduledInstalment]
    /// The provider's fee to the clinic, before tax.
    package let fee: Money
    /// Tax on the fee.
    package let feeVAT: Money
    /// When the provider accepted it.
    package let acceptedAt: Instant
    /// When the money is expected at the bank.
    package let expectedPayoutOn: LocalDate
    /// Whether the money pays what was asked or is held for the client.
    package let disposition: Disposition
    /// The clinic's local day of the acceptance, by which everybody books it.
    package let acceptedOn: LocalDate?

    package init(
        paymentID: PaymentID, invoiceID: InvoiceID? = nil, receivableID: ReceivableID? = nil, clientID: ClientID,
        amount: Money, provider: Provider, providerReference: String, plan: PaymentPlan,
        schedule: [ScheduledInstalment], fee: Money, feeVAT: Money, acceptedAt: Instant, expectedPayoutOn: LocalDate,
        disposition: Disposition, acceptedOn: LocalDate? = nil
    ) {
        self.paymentID = paymentID
        self.invoiceID = invoiceID
        self.receivableID = receivableID
        self.clientID = clientID
        self.amount = amount
        self.provider = provider
        self.providerReference = providerReference
        self.plan = plan
        self.schedule = schedule
        self.fee = fee
        self.feeVAT = feeVAT
        self.acceptedAt = acceptedAt
        self.expectedPayoutOn = expectedPayoutOn
        self.disposition = disposition
        self.acceptedOn = acceptedOn
    }

    /// What the money is for: what was asked, or, when that was settled otherwise meanwhile, the client's own.
    package enum Disposition: String, Codable, Sendable, CaseIterable {
        case receivable
        case heldForClient = "held-for-client"
    }
}
