import EventContract
import KafkaClient
import PaymentModel

/// In which order the messages of a batch are handled, and which of them together.
///
/// What is handled together is gathered for as long as no other message of one of its keys comes: then it goes first.
struct MessageTurns {
    /// What is handed over at once: one message, or several for a handler that takes them together.
    struct Turn {
        let subscription: Subscription
        var messages: [Message]
    }

    private struct Kind: Hashable {
        let type: EventType
        let organisation: OrganisationID
    }

    private var turns: [Turn] = []
    private var gathered: [Kind: Turn] = [:]
    /// The kinds that are gathered, from the one that began first.
    private var kinds: [Kind] = []
    private var kindsOfKeys: [[UInt8]: Kind] = [:]

    /// All messages, those of each key in their order; where none is handled together, all in theirs.
    static func of(_ messages: [Message]) -> [Turn] {
        var made = MessageTurns()
        for message in messages { made.add(message) }
        for kind in made.kinds { made.close(kind) }
        return made.turns
    }

    private mutating func add(_ message: Message) {
        let key = message.record.key ?? []
        let subscription = message.subscription
        let kind = Kind(type: subscription.type, organisation: message.envelope.organisation)
        if let before = kindsOfKeys[key], before != kind { close(before) }
        guard subscription.handleTogether != nil else {
            turns.append(Turn(subscription: subscription, messages: [message]))
            return
        }
        if gathered[kind] == nil { kinds.append(kind) }
        gathered[kind, default: Turn(subscription: subscription, messages: [])].messages.append(message)
        kindsOfKeys[key] = kind
    }

    private mutating func close(_ kind: Kind) {
        guard let turn = gathered.removeValue(forKey: kind) else { return }
        turns.append(turn)
        kinds.removeAll { $0 == kind }
        for message in turn.messages { kindsOfKeys[message.record.key ?? []] = nil }
    }
}
