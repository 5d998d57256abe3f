import HTTPServer
import PaymentModel

/// A service's OpenAPI document, as somebody reads it who writes a client.
struct APIDocument {
    /// One operation of it.
    struct Operation {
        let route: Route
        let parameters: [JSONValue]
        /// Schema of a body in JSON; nil where there is none.
        let body: JSONValue?
        /// Content types of a body.
        let contentTypes: [String]
        /// What is answered, by status.
        let responses: JSONValue
    }

    let operations: [Operation]
    private let document: JSONValue

    init(_ text: String, _ routes: [Route]) throws {
        let document = try JSONParser.parse(Array(text.utf8))
        self.document = document
        operations = routes.compactMap { route in
            guard let described = document["paths"]?[route.path]?[route.method.rawValue.lowercased()] else {
                return nil
            }
            let content = described["requestBody"]?["content"]
            return Operation(
                route: route,
                parameters: (described["parameters"]?.elements ?? []).map { Self.resolved($0, in: document) },
                body: content?["application/json"]?["schema"], contentTypes: content?.members?.names ?? [],
                responses: described["responses"] ?? .null)
        }
    }

    /// Follows references inside the document.
    func resolved(_ value: JSONValue) -> JSONValue { Self.resolved(value, in: document) }

    private static func resolved(_ value: JSONValue, in document: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.text else { return value }
        let target = reference.dropFirst(2).split(separator: "/").reduce(document) { $0[String($1)] ?? .null }
        return resolved(target, in: document)
    }

    // MARK: What an answer should be

    /// What of an answer is not as described; empty when all is.
    func differences(of answer: InProcessClient.Answer, to operation: Operation) -> [String] {
        guard let response = operation.responses["\(answer.status)"].map(resolved) else {
            return ["the status \(answer.status) is not described"]
        }
        let type = answer.headers["Content-Type"]?.split(separator: ";").first.map(String.init)
        guard let content = response["content"] else {
            return answer.bytes.isEmpty || type != "application/json" ? [] : ["a body is not described"]
        }
        guard let type, let media = content[type] else {
            return ["the content type \(type ?? "none") is not described"]
        }
        guard type == "application/json", let schema = media["schema"] else { return [] }
        return differences(of: answer.json, to: schema, at: "")
    }

    private func differences(of value: JSONValue, to told: JSONValue, at place: String) -> [String] {
        let schema = resolved(told)
        if let known = schema["enum"]?.elements, !known.contains(value) { return ["\(place) is no value of its list"] }
        guard fits(value, schema) else { return ["\(place) is \(value.kind), described as \(names(schema))"] }
        switch value {
        case .object(let object): return differences(of: object, to: schema, at: place)
        case .array(let elements):
            guard let items = schema["items"] else { return [] }
            return elements.prefix(5).flatMap { differences(of: $0, to: items, at: place + "/0") }
        case .string(let text): return form(of: text, schema).map { ["\(place) is no \($0): \(text.prefix(60))"] } ?? []
        default: return []
        }
    }

    private func differences(of object: JSONObject, to schema: JSONValue, at place: String) -> [String] {
        let properties = schema["properties"]
        var differences = (schema["required"]?.elements ?? []).compactMap(\.text).filter { object[$0] == nil }
            .map { "\(place)/\($0) is missing" }
        for name in object.names {
            guard let member = object[name] else { continue }
            if let described = properties?[name] {
                differences += self.differences(of: member, to: described, at: "\(place)/\(name)")
            } else if let other = schema["additionalProperties"], other.members != nil {
                differences += self.differences(of: member, to: other, at: "\(place)/*")
            } else if properties != nil, schema["additionalProperties"] != .bool(true) {
                differences.append("\(place)/\(name) is not described")
            }
        }
        return differences
    }

    private func names(_ schema: JSONValue) -> [String] {
        schema["type"].map { type in type.text.map { [$0] } ?? (type.elements ?? []).compactMap(\.text) } ?? []
    }

    private func fits(_ value: JSONValue, _ schema: JSONValue) -> Bool {
        let types = names(schema)
        guard !types.isEmpty else { return true }
        return switch value {
        case .null: types.contains("null")
        case .bool: types.contains("boolean")
        case .number: types.contains("number") || (types.contains("integer") && value.integer != nil)
        case .string: types.contains("string")
        case .array: types.contains("array")
        case .object: types.contains("object")
        }
    }

    private func form(of text: String, _ schema: JSONValue) -> String? {
        switch schema["format"]?.text {
        case "uuid": UInt128(uuidText: text) == nil ? "uuid" : nil
        case "date": LocalDate(text) == nil ? "date" : nil
        case "date-time": Instant(text) == nil ? "date-time" : nil
        default: nil
        }
    }
}
