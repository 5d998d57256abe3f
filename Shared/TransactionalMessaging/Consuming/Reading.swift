import EventContract
import KafkaClient
import PaymentModel

/// A message with what handles it, ready for a transaction.
struct Message: Sendable {
    let record: KafkaConsumedRecord
    let envelope: EventEnvelope
    let payload: any EventPayload
    let subscription: Subscription

    /// As the consumer's handler is told of it.
    func told(to consumer: Consumer) -> ToldEvent {
        ToldEvent(payload: payload, envelope: envelope, cause: .message(envelope, consumer: consumer.group))
    }
}

/// What a record turned out to be.
enum Reading: Sendable {
    /// Nobody here wants it: an unknown type or version, or a tombstone.
    case skip
    /// A message for one of the handlers.
    case message(Message)
    /// It claims to be ours and is not what the contract says.
    case violation(any Error)
}

extension Consumer {
    /// Reads a record without trusting anything in it.
    func read(_ record: KafkaConsumedRecord) -> Reading {
        guard let value = record.value else { return .skip }
        let typeHeader = CloudEventHeader.type.rawValue
        guard let type = record.headers.first(where: { $0.name == typeHeader }) else {
            return .violation(ContractViolation(typeHeader, .missing, "is not there"))
        }
        // By the type alone, so that what others will publish in years to come is passed over and not refused.
        guard let subscription = handlers[String(decoding: type.value, as: UTF8.self)] else { return .skip }
        do {
            let envelope = try CloudEvent.read(headers: record.headers.map { (name: $0.name, value: $0.value) })
            return .message(
                Message(
                    record: record, envelope: envelope, payload: try subscription.decode(value),
                    subscription: subscription))
        } catch {
            return .violation(error)
        }
    }
}

extension KafkaConsumedRecord {
    /// Headers as text, for people and for the table; what is no text is shown as well as it can be.
    var headerTexts: [String] {
        headers.flatMap { [Self.text($0.name), Self.text(String(decoding: $0.value, as: UTF8.self))] }
    }

    /// PostgreSQL's text holds no zero, and the relay parts headers by the unit separator.
    private static func text(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0 || $0 == 0x1F }) else { return text }
        return String(text.unicodeScalars.filter { $0 != "\0" && $0 != "\u{1F}" }.map(Character.init))
    }

    /// The event's id where it can be read, even when nothing else can.
    var eventID: EventID? {
        headers.first { $0.name == CloudEventHeader.id.rawValue }
            .flatMap { EventID(String(decoding: $0.value, as: UTF8.self)) }
    }

    func header(_ header: CloudEventHeader) -> String? {
        headers.first { $0.name == header.rawValue }.map { Self.text(String(decoding: $0.value, as: UTF8.self)) }
    }
}
