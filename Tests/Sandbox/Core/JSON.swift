/// Any JSON value, with the order of members kept so that answers read like the real ones.
enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([Member])

    struct Member: Sendable, Equatable {
        let key: String
        var value: JSON
    }

    subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The member, or nil where it is absent or null: most APIs treat the two alike.
    func given(_ key: String) -> JSON? {
        guard let value = self[key], value != .null else { return nil }
        return value
    }

    mutating func set(_ key: String, to value: JSON) {
        guard case .object(var members) = self else { return }
        if let index = members.firstIndex(where: { $0.key == key }) {
            members[index].value = value
        } else {
            members.append(Member(key: key, value: value))
        }
        self = .object(members)
    }
}

extension JSON {
    var asText: String? {
        guard case .text(let value) = self else { return nil }
        return value
    }

    var asInteger: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    var asBool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    var asList: [JSON]? {
        guard case .list(let value) = self else { return nil }
        return value
    }

    var isObject: Bool {
        guard case .object = self else { return false }
        return true
    }

    static func optional(_ value: Int64?) -> JSON { value.map(JSON.integer) ?? .null }

    static func optional(_ value: String?) -> JSON { value.map(JSON.text) ?? .null }

    static func count(_ value: Int) -> JSON { .integer(Int64(value)) }
}

extension JSON: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .text(value) }

    init(integerLiteral value: Int64) { self = .integer(value) }

    init(booleanLiteral value: Bool) { self = .bool(value) }

    init(arrayLiteral elements: JSON...) { self = .list(elements) }

    init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member(key: $0.0, value: $0.1) })
    }
}
