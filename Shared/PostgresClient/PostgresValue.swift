/// A value as it travels to the server.
///
/// Numbers, ids, times and bytes go in binary, exactly; text goes as text of a type the server infers from the
/// statement, so that one Swift `String` fits `text`, `char(3)`, an enum or `jsonb` alike.
package enum PostgresValue: Sendable, Hashable {
    case null(PostgresType)
    case bool(Bool)
    case int16(Int16)
    case int32(Int32)
    case int64(Int64)
    case double(Double)
    case text(String)
    case json([UInt8])
    case bytes([UInt8])
    case uuid(UInt128)
    /// Microseconds since 1970.
    case timestamp(Int64)
    /// Days since 1970.
    case date(Int32)
    case array(PostgresType, [PostgresValue])

    var type: PostgresType {
        switch self {
        case .null(let type): type
        case .bool: .bool
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .double: .double
        case .text: .inferred
        case .json: .jsonb
        case .bytes: .bytes
        case .uuid: .uuid
        case .timestamp: .timestamp
        case .date: .date
        case .array(let element, _): element.array
        }
    }
}

/// A type of the server, by its number there.
package struct PostgresType: Sendable, Hashable {
    /// The number in `pg_type`.
    package let oid: UInt32

    /// A type by its number.
    package init(oid: UInt32) { self.oid = oid }

    /// Left to the statement: the server infers it from where the value stands.
    package static let inferred = PostgresType(oid: 0)
    package static let bool = PostgresType(oid: 16)
    package static let bytes = PostgresType(oid: 17)
    package static let int64 = PostgresType(oid: 20)
    package static let int16 = PostgresType(oid: 21)
    package static let int32 = PostgresType(oid: 23)
    package static let text = PostgresType(oid: 25)
    package static let double = PostgresType(oid: 701)
    package static let date = PostgresType(oid: 1082)
    package static let timestamp = PostgresType(oid: 1184)
    package static let uuid = PostgresType(oid: 2950)
    package static let jsonb = PostgresType(oid: 3802)

    /// The type of an array of this; text where the element's type would be inferred, since `unnest` cannot infer.
    package var array: PostgresType {
        switch self {
        case .bool: PostgresType(oid: 1000)
        case .bytes: PostgresType(oid: 1001)
        case .int16: PostgresType(oid: 1005)
        case .int32: PostgresType(oid: 1007)
        case .int64: PostgresType(oid: 1016)
        case .double: PostgresType(oid: 1022)
        case .date: PostgresType(oid: 1182)
        case .timestamp: PostgresType(oid: 1185)
        case .uuid: PostgresType(oid: 2951)
        case .jsonb: PostgresType(oid: 3807)
        default: PostgresType(oid: 1009)
        }
    }

    /// What an element of an array of this type is declared as.
    var asElement: PostgresType { self == .inferred ? .text : self }
}

/// A Swift value that can be bound to a statement.
package protocol PostgresEncodable: Sendable {
    /// The type a missing value of this kind is declared as.
    static var postgresType: PostgresType { get }

    /// What is sent for this value.
    var postgresValue: PostgresValue { get }

    /// What is sent for an array of these; only bytes differ from an array of values.
    static func postgresArray(_ elements: [Self]) -> PostgresValue

    /// The type of an array of these.
    static var postgresArrayType: PostgresType { get }
}

extension PostgresEncodable {
    package static func postgresArray(_ elements: [Self]) -> PostgresValue {
        .array(postgresType, elements.map(\.postgresValue))
    }

    package static var postgresArrayType: PostgresType { postgresType.array }
}
