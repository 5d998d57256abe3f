import FoundationEssentials

/// The data of events as JSON: keys sorted, so that equal payloads have equal bytes.
package enum EventCoding {
    /// What every CloudEvents intermediary must forward.
    package static let dataBytesMax = 65_536

    package static func encode(_ payload: some EventPayload) throws(ContractViolation) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes: [UInt8]
        do {
            bytes = Array(try encoder.encode(payload))
        } catch {
            throw ContractViolation("", .malformed, "cannot be written as JSON")
        }
        try checkSize(bytes)
        return bytes
    }

    /// Passes over unknown fields; anything else that is not as the schema says is a violation.
    package static func decode<Payload: EventPayload>(
        _ type: Payload.Type, from bytes: [UInt8]
    ) throws(ContractViolation) -> Payload {
        try checkSize(bytes)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw ContractViolation(error)
        } catch {
            throw ContractViolation("", .notJSON, "cannot be read as JSON")
        }
    }

    private static func checkSize(_ bytes: [UInt8]) throws(ContractViolation) {
        guard bytes.count <= dataBytesMax else {
            throw ContractViolation("", .tooLarge, "has \(bytes.count) bytes, \(dataBytesMax) are allowed")
        }
    }
}

extension ContractViolation {
    /// The decoder's own texts quote data, so only the place and the kind are kept.
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(pointer(context.codingPath + [key]), .missing, "is not there")
        case .valueNotFound(_, let context):
            self.init(pointer(context.codingPath), .missing, "is null")
        case .typeMismatch(let type, let context):
            self.init(pointer(context.codingPath), .malformed, "is not of type \(type)")
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            self.init("", .notJSON, "cannot be read as JSON")
        case .dataCorrupted(let context):
            self.init(pointer(context.codingPath), .malformed, "has a value that is not allowed")
        @unknown default:
            self.init("", .notJSON, "cannot be read as JSON")
        }
    }
}

/// RFC 6901.
private func pointer(_ path: [any CodingKey]) -> String {
    path.map { key in
        let name = key.intValue.map(String.init) ?? key.stringValue
        return "/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
    }.joined()
}
