package import EventContract

/// What a consumer does about one version of one type of event.
///
/// The handler is synchronous and runs in the consumer's transaction: a network call does not compile.
package struct Subscription: Sendable {
    typealias Handler = @Sendable (EventEnvelope, inout Change) throws -> Void

    /// The type and version it wants.
    package let type: EventType
    /// Decodes first, outside of the transaction, so that what violates its contract never opens one.
    let prepare: @Sendable ([UInt8]) throws -> Handler

    /// Handles events of this type, each one once and, per key, in order.
    ///
    /// A handler that throws is tried again and its message parked in the end.
    package static func on<Payload: EventPayload>(
        _ type: Payload.Type,
        _ handle: @escaping @Sendable (Payload, EventEnvelope, inout Change) throws -> Void
    ) -> Subscription {
        Subscription(type: Payload.type) { bytes in
            let payload = try EventCoding.decode(Payload.self, from: bytes)
            return { envelope, change in try handle(payload, envelope, &change) }
        }
    }
}

/// A group of handlers with a place of its own in its topics.
package struct Consumer: Sendable {
    /// What becomes of later messages of a key when one was parked.
    package enum Order: Sendable {
        /// They are handled; each event stands for itself.
        case passOthers
        /// They are held behind it until it is retried or discarded.
        case holdKey
    }

    /// The Kafka consumer group and the scope of its inbox.
    package let group: String
    /// What it reads.
    package let topics: [Topic]
    /// What becomes of later messages of a key when one was parked.
    package let order: Order
    /// What it does; types that are not listed are skipped.
    package let subscriptions: [Subscription]
    let handlers: [String: Subscription]

    /// Names a consumer; it reads nothing until a ``ConsumerLoop`` runs it.
    package init(group: String, topics: [Topic], order: Order, subscriptions: [Subscription]) {
        self.group = group
        self.topics = topics
        self.order = order
        self.subscriptions = subscriptions
        self.handlers = Dictionary(subscriptions.map { ($0.type.text, $0) }) { first, _ in
            preconditionFailure("\(group) handles \(first.type.text) twice")
        }
    }

    /// Where its parked messages are announced.
    package var deadLetterTopic: String { Topic.deadLetters(ofGroup: group) }
}
