/// A JSON text as it was written: nothing rounded, nothing overwritten.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// What it is, in the words used when refusing it.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// The member of this name, when it is an object that has one.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    /// The text, when it is a string.
    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The whole number, when it is one that can be kept exactly.
    package var integer: Int64? {
        guard case .number(let number) = self else { return nil }
        return number.integer
    }

    /// The elements, when it is a list.
    package var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members, when it is an object.
    package var members: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }
}

/// A number kept as its text, since money must not pass through floating point.
package struct JSONNumber: Hashable, Sendable {
    /// The number as it was written.
    package let text: String

    /// Its value when it is a whole number without fraction or exponent that fits; `1.0` and `1e2` are not.
    package var integer: Int64? { Int64(text) }

    /// Whether it is written with a fraction or an exponent.
    package var isFractional: Bool { text.contains { $0 == "." || $0 == "e" || $0 == "E" } }
}

/// The members of an object, in the order they were written.
package struct JSONObject: Hashable, Sendable {
    /// The names in order; each once.
    package private(set) var names: [String] = []

    private var values: [String: JSONValue] = [:]

    /// An object of these members; of two with one name the first counts.
    package init(_ members: [(String, JSONValue)] = []) {
        for (name, value) in members { _ = insert(value, named: name) }
    }

    /// The value of this name.
    package subscript(name: String) -> JSONValue? { values[name] }

    /// Adds a member unless its name is taken.
    mutating func insert(_ value: JSONValue, named name: String) -> Bool {
        guard values.updateValue(value, forKey: name) == nil else { return false }
        names.append(name)
        return true
    }
}
