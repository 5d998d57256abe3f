package import PaymentModel

/// The message did not arrive, by what is known; if it did after all, `MessageDeliveredV1` follows.
package struct MessageFailedV1: EventPayload {
    package static let type = EventType(.notifications, "message-failed", version: 1)

    /// The message.
    package let messageID: MessageID
    /// How it is sent.
    package let channel: MessageChannel
    /// What it is about, as a code.
    package let occasion: String
    /// Why: a sentence of ours, with a gateway's code where one refused it.
    package let reason: String

    package init(messageID: MessageID, channel: MessageChannel, occasion: String, reason: String) {
        self.messageID = messageID
        self.channel = channel
        self.occasion = occasion
        self.reason = reason
    }
}
