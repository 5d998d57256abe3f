package import PaymentModel

/// An offer was made to a client.
package struct QuoteIssuedV1: EventPayload {
    package static let type = EventType(.invoicing, "quote-issued", version: 1)

    /// The quote.
    package let quoteID: QuoteID
    /// Whom it was made to.
    package let clientID: ClientID
    /// Its number in the clinic's gap-free series.
    package let number: String
    /// Day of issue.
    package let issuedOn: LocalDate
    /// Last day on which it binds the clinic.
    package let validUntil: LocalDate
    /// What it comes to, tax included.
    package let total: Money

    package init(
        quoteID: QuoteID, clientID: ClientID, number: String, issuedOn: LocalDate, validUntil: LocalDate, total: Money
    ) {
        self.quoteID = quoteID
        self.clientID = clientID
        self.number = number
        self.issuedOn = issuedOn
        self.validUntil = validUntil
        self.total = total
    }
}
