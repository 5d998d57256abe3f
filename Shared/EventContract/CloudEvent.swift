import PaymentModel

/// CloudEvents 1.0 on Kafka, binary mode: the envelope in headers, the data as the record's value.
package enum CloudEvent {
    package static let specVersion = "1.0"
    package static let contentType = "application/json"

    /// The headers of a record, in a stable order.
    package static func headers(of envelope: EventEnvelope) -> [(String, String)] {
        let always: [(CloudEventHeader, String)] = [
            (.specVersion, specVersion), (.id, envelope.id.description), (.source, envelope.type.owner.source),
            (.type, envelope.type.text), (.subject, envelope.key), (.time, envelope.time.description),
            (.dataSchema, envelope.type.schemaURI), (.contentType, contentType),
            (.sequence, String(envelope.sequence)), (.correlation, envelope.correlation.description),
            (.organisation, envelope.organisation.description),
        ]
        let sometimes: [(CloudEventHeader, String?)] = [
            (.clinic, envelope.clinic?.description), (.causation, envelope.causation?.description),
            (.traceparent, envelope.traceparent),
        ]
        return always.map { ($0.rawValue, $1) }
            + sometimes.compactMap { name, text in text.map { (name.rawValue, $0) } }
    }

    /// Reads the headers strictly where the contract speaks, and passes over what it does not name.
    package static func read(headers: [(String, String)]) throws(ContractViolation) -> EventEnvelope {
        var reader = HeaderReader()
        for (name, text) in headers { try reader.take(name, text) }
        return try reader.envelope()
    }

    /// The same for headers as they arrive.
    package static func read(headers: [(name: String, value: [UInt8])]) throws(ContractViolation) -> EventEnvelope {
        var reader = HeaderReader()
        for (name, value) in headers where CloudEventHeader(rawValue: name) != nil {
            guard let text = String(validating: value, as: UTF8.self) else {
                throw ContractViolation(name, .malformed, "is not UTF-8")
            }
            try reader.take(name, text)
        }
        return try reader.envelope()
    }
}

/// The headers the contract names.
package enum CloudEventHeader: String, CaseIterable, Sendable {
    case specVersion = "ce_specversion"
    case id = "ce_id"
    case source = "ce_source"
    case type = "ce_type"
    case subject = "ce_subject"
    case time = "ce_time"
    case dataSchema = "ce_dataschema"
    case contentType = "content-type"
    case sequence = "ce_sequence"
    case correlation = "ce_correlationid"
    case causation = "ce_causationid"
    case traceparent = "ce_traceparent"
    case organisation = "ce_organisationid"
    case clinic = "ce_clinicid"
}
