package import PaymentModel

/// Work for a worker: send this message; everything else is read when it is claimed.
package struct MessageDispatchV1: EventPayload {
    package static let type = EventType(.dispatch, "message-dispatch", version: 1)

    /// The message.
    package let messageID: MessageID
    /// How urgent it is, as a code.
    package let lane: String

    package init(messageID: MessageID, lane: String) {
        self.messageID = messageID
        self.lane = lane
    }
}
