package import PaymentModel

/// A reply a gateway keeps, and what it says where the list has it; without that it is read by itself.
package struct KeptReply: Hashable, Sendable {
    /// The same for the same reply, however often it is listed; nothing personal.
    package let identity: String
    package let said: GatewayReply?

    package init(identity: String, said: GatewayReply? = nil) {
        self.identity = identity
        self.said = said
    }
}

/// The gateway did not say what it keeps.
package struct RepliesUnavailable: Error, Hashable {
    /// For logs; never with anything personal.
    package let reason: String

    /// A reason in a few words.
    package init(reason: String) {
        self.reason = reason
    }
}

/// A gateway that keeps what people write back until it is asked.
package protocol ReplyBox: Sendable {
    /// The gateway's, as in events and metrics.
    var name: String { get }

    /// What came since; nil: everything.
    ///
    /// More than that may be listed, and the same again and again.
    func replies(since: Instant?) async throws(RepliesUnavailable) -> [KeptReply]

    /// What one says; nil when it is gone.
    func read(_ reply: KeptReply) async throws(RepliesUnavailable) -> GatewayReply?
}
