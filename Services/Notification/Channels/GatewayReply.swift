/// What somebody wrote back to a message, or said to the gateway alone.
package struct GatewayReply: Hashable, Sendable {
    /// The number as the gateway has it.
    package let from: String
    package let text: String
    /// The same for the same reply, however often it comes; nil: each is a reply of its own.
    package let identity: String?

    package init(from: String, text: String, identity: String?) {
        self.from = from
        self.text = text
        self.identity = identity
    }
}
