/// A JSON text read whole, for the library's statistics; numbers are doubles, escapes in names stay as they are.
enum JSONValue: Sendable {
    case object([String: JSONValue])
    case array([JSONValue])
    case number(Double)
    case other

    /// Reads a text; nil when it is not JSON or nested deeper than 32 levels.
    init?(parsing bytes: [UInt8]) {
        var reader = JSONReader(bytes: bytes)
        guard let value = reader.value(depthMax: 32) else { return nil }
        self = value
    }

    /// A member of an object; `.other` when there is none.
    subscript(name: String) -> JSONValue {
        guard case .object(let members) = self else { return .other }
        return members[name] ?? .other
    }

    /// All members of an object.
    var members: [String: JSONValue] {
        guard case .object(let members) = self else { return [:] }
        return members
    }

    /// The number, if it is one.
    var number: Double? {
        guard case .number(let number) = self else { return nil }
        return number
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func value(depthMax: Int) -> JSONValue? {
        guard depthMax > 0 else { return nil }
        switch next() {
        case UInt8(ascii: "{"): return object(depthMax: depthMax)
        case UInt8(ascii: "["): return array(depthMax: depthMax)
        case UInt8(ascii: "\""): return text() == nil ? nil : .other
        case nil: return nil
        default: return word()
        }
    }

    private mutating func object(depthMax: Int) -> JSONValue? {
        var members: [String: JSONValue] = [:]
        position += 1
        while next() != UInt8(ascii: "}") {
            guard next() == UInt8(ascii: "\""), let name = text(), take(UInt8(ascii: ":")),
                let value = value(depthMax: depthMax - 1)
            else { return nil }
            members[name] = value
            guard take(UInt8(ascii: ",")) || next() == UInt8(ascii: "}") else { return nil }
        }
        position += 1
        return .object(members)
    }

    private mutating func array(depthMax: Int) -> JSONValue? {
        var elements: [JSONValue] = []
        position += 1
        while next() != UInt8(ascii: "]") {
            guard let value = value(depthMax: depthMax - 1) else { return nil }
            elements.append(value)
            guard take(UInt8(ascii: ",")) || next() == UInt8(ascii: "]") else { return nil }
        }
        position += 1
        return .array(elements)
    }

    private mutating func text() -> String? {
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// A number, true, false or null.
    private mutating func word() -> JSONValue? {
        let start = position
        while position < bytes.count, !Self.isEnd(bytes[position]) { position += 1 }
        guard position > start else { return nil }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let number = Double(text) { return .number(number) }
        return ["true", "false", "null"].contains(text) ? .other : nil
    }

    private static func isEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte <= 0x20
    }

    private mutating func next() -> UInt8? {
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
        return position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next() == byte else { return false }
        position += 1
        return true
    }
}
