import EventContract
import PaymentModel

/// The AsyncAPI 3 document of all topics, made from the catalogue, the schemas and the golden samples.
enum AsyncAPIDocument {
    static func make() throws -> JSONValue {
        [
            "asyncapi": "3.0.0",
            "id": "https://quittance.example/events",
            "info": [
                "title": "Quittance events", "version": "1.0.0",
                "description": .text(
                    """
                    Facts about invoices, online payments, messages and payouts of veterinary clinics. Every record is a \
                    CloudEvents 1.0 event in binary mode. A version of an event only ever gains optional fields, so \
                    ignore what you do not know; anything else is a new version, published beside the old one.
                    """),
            ],
            "defaultContentType": "application/json",
            "servers": [
                "kafka": ["host": "localhost:9092", "protocol": "kafka", "description": "Set by the operator."]
            ],
            "channels": .object(
                Dictionary(uniqueKeysWithValues: Topic.allCases.map { ("\($0)", channel($0)) })),
            "operations": .object(operations),
            "components": [
                "messages": .object(
                    try Dictionary(
                        uniqueKeysWithValues: EventCatalogue.payloads.map { ("\($0)", try message($0.type)) })),
                "schemas": ["CloudEventHeaders": headers],
            ],
        ]
    }

    /// Keys have no dots, which some tools refuse: an event goes by its payload's name, a topic by its case.
    private static func keys(on topic: Topic) -> [String] {
        EventCatalogue.payloads.filter { $0.type.topic == topic }.map { "\($0)" }
    }

    private static func reference(_ path: String) -> JSONValue { ["$ref": .text("#/\(path)")] }

    private static func channel(_ topic: Topic) -> JSONValue {
        let messages = keys(on: topic).map { ($0, reference("components/messages/\($0)")) }
        return [
            "address": .text(topic.rawValue), "description": .text(description(of: topic)),
            "messages": .object(Dictionary(uniqueKeysWithValues: messages)),
            "bindings": [
                "kafka": [
                    "topic": .text(topic.rawValue), "partitions": .integer(Int64(Topic.partitionsDefault)),
                    "topicConfiguration": [
                        "cleanup.policy": ["delete"],
                        "retention.ms": .integer((topic.retention?.components.seconds).map { $0 * 1_000 } ?? -1),
                    ],
                    "bindingVersion": "0.5.0",
                ]
            ],
        ]
    }

    private static func description(of topic: Topic) -> String {
        switch topic {
        case .invoicing: "Facts about invoices, credit notes, clients and money on account."
        case .payments: "Facts about online payments and refunds; payment-accepted is the green light."
        case .notifications: "Facts about messages to clients."
        case .reconciliation: "Facts about fees, payouts and bank lines."
        case .notificationDispatch: "Work for the notification workers; kept for days only, not for other systems."
        }
    }

    private static var operations: [String: JSONValue] {
        let sent = Topic.allCases.map { ("send-\($0)", operation("send", $0)) }
        let received = [Topic.notificationDispatch].map { ("receive-\($0)", operation("receive", $0)) }
        return Dictionary(uniqueKeysWithValues: sent + received)
    }

    private static func operation(_ action: JSONValue, _ topic: Topic) -> JSONValue {
        [
            "action": action, "channel": reference("channels/\(topic)"),
            "messages": .array(keys(on: topic).map { reference("channels/\(topic)/messages/\($0)") }),
        ]
    }

    private static func message(_ type: EventType) throws -> JSONValue {
        let schema = try JSONValue(reading: EventCatalogue.schema(of: type) ?? [])
        let examples = try Sample.all.filter { $0.type == type }.map { sample -> JSONValue in
            ["name": .text(sample.variant ?? "full"), "payload": try JSONValue(reading: sample.golden)]
        }
        return [
            "name": .text(type.text), "title": schema["title"] ?? "", "summary": schema["description"] ?? "",
            "contentType": .text(CloudEvent.contentType),
            "headers": [
                "allOf": [
                    reference("components/schemas/CloudEventHeaders"),
                    ["type": "object", "properties": ["ce_type": ["type": "string", "const": .text(type.text)]]],
                ]
            ],
            "payload": ["schemaFormat": "application/schema+json;version=draft-07", "schema": schema],
            "bindings": [
                "kafka": [
                    "key": ["type": "string", "format": "uuid", "description": "The subject."],
                    "bindingVersion": "0.5.0",
                ]
            ],
            "examples": .array(examples),
        ]
    }
}

// MARK: Headers

extension AsyncAPIDocument {
    private static let headers: JSONValue = [
        "type": "object",
        "required": .array(CloudEventHeader.allCases.filter(\.isRequired).map { .text($0.rawValue) }),
        "properties": .object(
            Dictionary(uniqueKeysWithValues: CloudEventHeader.allCases.map { ($0.rawValue, $0.schema) })),
    ]
}

extension CloudEventHeader {
    fileprivate var isRequired: Bool {
        switch self {
        case .clinic, .causation, .traceparent, .dataSchema: false
        default: true
        }
    }

    fileprivate var schema: JSONValue {
        switch self {
        case .specVersion: text("CloudEvents version.", ["const": .text(CloudEvent.specVersion)])
        case .id: text("Id of the event; a second delivery has the same.", ["format": "uuid"])
        case .source: text("Who announced it.", ["pattern": "^/quittance/[a-z]+$"])
        case .type: text("What happened, with its version.", [:])
        case .subject: text("Id of what it is about; the record's key.", ["format": "uuid"])
        case .time: text("When it happened.", ["format": "date-time"])
        case .dataSchema: text("JSON Schema of the value.", ["format": "uri"])
        case .contentType: text("Media type of the value.", ["const": .text(CloudEvent.contentType)])
        case .sequence: text("Version of the subject after the change, without gaps.", ["pattern": "^(0|[1-9][0-9]*)$"])
        case .correlation: text("The same for all that came from one first cause.", ["format": "uuid"])
        case .causation: text("Id of the event that caused this one.", ["format": "uuid"])
        case .traceparent: text("W3C trace context.", [:])
        case .organisation: text("The organisation it belongs to.", ["format": "uuid"])
        case .clinic: text("The clinic it belongs to.", ["format": "uuid"])
        }
    }

    private func text(_ description: String, _ more: [String: JSONValue]) -> JSONValue {
        .object(more.merging(["type": "string", "description": .text(description)]) { $1 })
    }
}
