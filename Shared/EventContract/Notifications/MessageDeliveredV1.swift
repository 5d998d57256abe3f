package import PaymentModel

/// The message has arrived.
package struct MessageDeliveredV1: EventPayload {
    package static let type = EventType(.notifications, "message-delivered", version: 1)

    /// The message.
    package let messageID: MessageID

    package init(messageID: MessageID) {
        self.messageID = messageID
    }
}
