// How the values of Swift become values of the server; each line is one agreement.

extension Bool: PostgresEncodable {
    package static var postgresType: PostgresType { .bool }
    package var postgresValue: PostgresValue { .bool(self) }
}

extension Int: PostgresEncodable {
    package static var postgresType: PostgresType { .int64 }
    package var postgresValue: PostgresValue { .int64(Int64(self)) }
}

extension Int16: PostgresEncodable {
    package static var postgresType: PostgresType { .int16 }
    package var postgresValue: PostgresValue { .int16(self) }
}

extension Int32: PostgresEncodable {
    package static var postgresType: PostgresType { .int32 }
    package var postgresValue: PostgresValue { .int32(self) }
}

extension Int64: PostgresEncodable {
    package static var postgresType: PostgresType { .int64 }
    package var postgresValue: PostgresValue { .int64(self) }
}

extension Double: PostgresEncodable {
    package static var postgresType: PostgresType { .double }
    package var postgresValue: PostgresValue { .double(self) }
}

extension String: PostgresEncodable {
    package static var postgresType: PostgresType { .inferred }
    package var postgresValue: PostgresValue { .text(self) }
}

/// A UUID as its 128 bits.
extension UInt128: PostgresEncodable {
    package static var postgresType: PostgresType { .uuid }
    package var postgresValue: PostgresValue { .uuid(self) }
}

/// Alone a small number, in an array the bytes of a `bytea`.
extension UInt8: PostgresEncodable {
    package static var postgresType: PostgresType { .int16 }
    package var postgresValue: PostgresValue { .int16(Int16(self)) }
    package static func postgresArray(_ elements: [UInt8]) -> PostgresValue { .bytes(elements) }
    package static var postgresArrayType: PostgresType { .bytes }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package static var postgresType: PostgresType { Wrapped.postgresType }
    package var postgresValue: PostgresValue { self?.postgresValue ?? .null(Wrapped.postgresType) }
}

extension Array: PostgresEncodable where Element: PostgresEncodable {
    package static var postgresType: PostgresType { Element.postgresArrayType }
    package var postgresValue: PostgresValue { Element.postgresArray(self) }
}

/// Enumerations written in Swift as text or numbers need one line: `extension Channel: PostgresEncodable {}`.
extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    package static var postgresType: PostgresType { RawValue.postgresType }
    package var postgresValue: PostgresValue { rawValue.postgresValue }
}

/// A moment, in microseconds since 1970, as `timestamptz`.
package struct PostgresTimestamp: PostgresEncodable, Hashable {
    /// Negative before 1970.
    package let microsecondsSince1970: Int64

    /// The moment that many microseconds after 1970 began, in UTC.
    package init(microsecondsSince1970: Int64) { self.microsecondsSince1970 = microsecondsSince1970 }

    package static var postgresType: PostgresType { .timestamp }
    package var postgresValue: PostgresValue { .timestamp(microsecondsSince1970) }
}

/// A day, counted from 1970, as `date`.
package struct PostgresDate: PostgresEncodable, Hashable {
    /// Negative before 1970.
    package let daysSince1970: Int32

    /// The day that many days after the first of 1970.
    package init(daysSince1970: Int32) { self.daysSince1970 = daysSince1970 }

    package static var postgresType: PostgresType { .date }
    package var postgresValue: PostgresValue { .date(daysSince1970) }
}

/// JSON already written, as `jsonb`.
package struct PostgresJSON: PostgresEncodable, Hashable {
    /// The document as UTF-8; the server refuses it when it is not JSON.
    package let bytes: [UInt8]

    /// A document that somebody else wrote.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package static var postgresType: PostgresType { .jsonb }
    package var postgresValue: PostgresValue { .json(bytes) }
}
