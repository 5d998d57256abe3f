package import PaymentModel

/// A client was added or changed; who needs more than this asks invoicing.
package struct ClientChangedV1: EventPayload {
    package static let type = EventType(.invoicing, "client-changed", version: 1)

    /// The client.
    package let clientID: ClientID
    /// Language to write in.
    package let language: Language
    /// Whether an e-mail address is known.
    package let hasEmail: Bool
    /// Whether a phone number is known.
    package let hasPhone: Bool

    package init(clientID: ClientID, language: Language, hasEmail: Bool, hasPhone: Bool) {
        self.clientID = clientID
        self.language = language
        self.hasEmail = hasEmail
        self.hasPhone = hasPhone
    }
}
