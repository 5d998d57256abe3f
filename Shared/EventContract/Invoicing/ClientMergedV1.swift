package import PaymentModel

/// Two clients were one person: all that was the first one's is the second one's.
package struct ClientMergedV1: EventPayload {
    package static let type = EventType(.invoicing, "client-merged", version: 1)

    /// The client that is no more.
    package let clientID: ClientID
    /// The client that has all of it.
    package let intoClientID: ClientID

    package init(clientID: ClientID, intoClientID: ClientID) {
        self.clientID = clientID
        self.intoClientID = intoClientID
    }
}
