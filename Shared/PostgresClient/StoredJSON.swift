import FoundationEssentials

// How a value of Swift is kept as JSON in a column, and read from there.

extension PostgresJSON {
    /// A value as it is kept, its keys in order.
    package static func of(_ value: some Encodable) throws(PostgresError) -> PostgresJSON {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return PostgresJSON([UInt8](try encoder.encode(value)))
        } catch {
            throw PostgresError(.usage, "a \(type(of: value)) cannot be written as JSON")
        }
    }

    /// The document as it was written, for a column of type `text`.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension Row {
    /// A value kept as JSON, in a column of type `jsonb` or `text`.
    package func json<Value: Decodable>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        try decoded(try self(column), of: column)
    }

    /// A value kept as JSON that may be absent.
    package func optionalJSON<Value: Decodable>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value? {
        let stored: [UInt8]? = try self(column)
        guard let stored else { return nil }
        return try decoded(stored, of: column) as Value
    }

    private func decoded<Value: Decodable>(_ document: [UInt8], of column: String) throws(PostgresError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(document))
        } catch let error as DecodingError {
            throw PostgresError(.decoding, "column \"\(column)\": its JSON is not a \(Value.self)\(error.place)")
        } catch {
            throw PostgresError(.decoding, "column \"\(column)\": its text is not JSON")
        }
    }
}

extension DecodingError {
    /// Where in the document, by the names there; the decoder's own words quote values.
    fileprivate var place: String {
        let path: [any CodingKey]
        switch self {
        case .keyNotFound(let key, let context): path = context.codingPath + [key]
        case .valueNotFound(_, let context): path = context.codingPath
        case .typeMismatch(_, let context): path = context.codingPath
        case .dataCorrupted(let context): path = context.codingPath
        @unknown default: path = []
        }
        return path.isEmpty ? "" : ", at " + path.map { $0.stringValue }.joined(separator: ".")
    }
}
