package import EventContract

/// What a consumer does about one version of one type of event.
///
/// The handler is synchronous and runs in the consumer's transaction: a network call does not compile.
package struct Subscription: Sendable {
    /// The type and version it wants.
    package let type: EventType
    /// Decodes first, outside of the transaction, so that what violates its contract never opens one.
    let decode: @Sendable ([UInt8]) throws -> any EventPayload
    let handle: @Sendable (ToldEvent, inout Change) throws -> Void
    /// Nil where each is handled by itself.
    let handleTogether: (@Sendable ([ToldEvent], inout Change) throws -> Void)?

    /// Handles events of this type, each one once and, per key, in order.
    ///
    /// A handler that throws is tried again and its message parked in the end.
    package static func on<Payload: EventPayload>(
        _ type: Payload.Type,
        _ handle: @escaping @Sendable (Payload, EventEnvelope, inout Change) throws -> Void
    ) -> Subscription {
        Subscription(
            type: Payload.type, decode: { bytes in try EventCoding.decode(Payload.self, from: bytes) },
            handle: { event, change in try handle(event.decoded(as: Payload.self), event.envelope, &change) },
            handleTogether: nil)
    }

    /// The same for events of which several can be handled with the statements of one.
    ///
    /// Those of one organisation in a batch come together, each key's in their order among all events of the key; those
    /// of different keys may change places. Before it announces something the handler turns the change to the fact that
    /// led to it (``Change/turn(to:)``). A handler that throws gets them in ever smaller parts, and what fails alone:
    /// that is parked, and nothing else.
    package static func together<Payload: EventPayload>(
        _ type: Payload.Type, _ handle: @escaping @Sendable ([Fact<Payload>], inout Change) throws -> Void
    ) -> Subscription {
        Subscription(
            type: Payload.type, decode: { bytes in try EventCoding.decode(Payload.self, from: bytes) },
            handle: { event, change in try handle([Fact<Payload>(event)], &change) },
            handleTogether: { events, change in try handle(events.map { Fact<Payload>($0) }, &change) })
    }
}

/// One of the events that are handled together.
package struct Fact<Payload: EventPayload>: Sendable {
    /// What it tells.
    package let event: Payload
    /// What came with it.
    package let envelope: EventEnvelope
    let cause: Cause

    init(_ told: ToldEvent) {
        (event, envelope, cause) = (told.decoded(as: Payload.self), told.envelope, told.cause)
    }
}

/// An event on its way to its handler, and the cause it is there.
struct ToldEvent: Sendable {
    let payload: any EventPayload
    let envelope: EventEnvelope
    let cause: Cause

    func decoded<Payload: EventPayload>(as type: Payload.Type) -> Payload {
        guard let decoded = payload as? Payload else { preconditionFailure("a handler got what another one decoded") }
        return decoded
    }
}

extension Change {
    /// Goes on in the name of one of the facts that are handled together: what is announced now follows from it.
    package mutating func turn<Payload: EventPayload>(to fact: Fact<Payload>) { turn(to: fact.cause) }
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

    /// Whether some of what it does is done for several messages together.
    var takesTogether: Bool { subscriptions.contains { $0.handleTogether != nil } }

    /// Where its parked messages are announced.
    package var deadLetterTopic: String { Topic.deadLetters(ofGroup: group) }
}
