package import PaymentModel

/// A client does not want marketing any more.
package struct RecipientOptedOutV1: EventPayload {
    package static let type = EventType(.notifications, "recipient-opted-out", version: 1)

    /// Who.
    package let clientID: ClientID
    /// What the client is not sent marketing by.
    package let channel: MessageChannel

    package init(clientID: ClientID, channel: MessageChannel) {
        self.clientID = clientID
        self.channel = channel
    }
}
