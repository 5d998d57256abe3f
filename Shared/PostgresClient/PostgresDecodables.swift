/// A Swift value that can be read from an answer.
package protocol PostgresDecodable {
    /// Reads the value; NULL and a foreign type are errors that name the column.
    init(postgres cell: PostgresCell) throws(PostgresError)

    /// Reads an array of these; only bytes differ from an array of values.
    static func array(postgres cell: PostgresCell) throws(PostgresError) -> [Self]
}

extension PostgresDecodable {
    package static func array(postgres cell: PostgresCell) throws(PostgresError) -> [Self] {
        let wanted = "an array"
        guard !cell.isNull else { throw cell.mismatch(wanted) }
        let dimensions = try cell.number(at: 0, Int32.self, wanted)
        guard dimensions > 0 else { return [] }
        guard dimensions == 1 else { throw cell.mismatch("an array of one dimension") }
        let element = PostgresType(oid: try cell.number(at: 8, UInt32.self, wanted))
        let count = Int(try cell.number(at: 12, Int32.self, wanted))
        var values: [Self] = []
        values.reserveCapacity(count)
        var offset = 20
        for _ in 0..<count {
            let length = Int(try cell.number(at: offset, Int32.self, wanted))
            values.append(try Self(postgres: cell.part(at: offset + 4, count: length, type: element)))
            offset += 4 + max(length, 0)
        }
        return values
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        self = cell.isNull ? nil : try Wrapped(postgres: cell)
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) { self = try Element.array(postgres: cell) }
}

extension Bool: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .bool else { throw cell.mismatch("a Bool") }
        self = try cell.number(UInt8.self, "a Bool") != 0
    }
}

extension Int64: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        switch cell.type {
        case .int64: self = try cell.number(Int64.self, "an integer")
        case .int32: self = Int64(try cell.number(Int32.self, "an integer"))
        case .int16: self = Int64(try cell.number(Int16.self, "an integer"))
        // What `sum(bigint)` answers.
        case .numeric:
            guard let exact = Int64(try cell.numeric()) else { throw cell.mismatch("a whole 64-bit number") }
            self = exact
        default: throw cell.mismatch("an integer")
        }
    }
}

/// Reads a whole number and refuses one that does not fit.
private func narrowed<Number: FixedWidthInteger>(_ cell: PostgresCell) throws(PostgresError) -> Number {
    guard let exact = Number(exactly: try Int64(postgres: cell)) else {
        throw cell.mismatch("a number that fits \(Number.self)")
    }
    return exact
}

extension Int: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) { self = try narrowed(cell) }
}

extension Int32: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) { self = try narrowed(cell) }
}

extension Int16: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) { self = try narrowed(cell) }
}

extension UInt8: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) { self = try narrowed(cell) }

    /// Bytes, or the bytes of a text or of JSON.
    package static func array(postgres cell: PostgresCell) throws(PostgresError) -> [UInt8] {
        if cell.type == .jsonb { return try cell.bytes(skipping: 1) }
        guard cell.type == .bytes || cell.type.isText else { throw cell.mismatch("bytes") }
        return try cell.bytes()
    }
}

extension Double: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        switch cell.type {
        case .double: self = Double(bitPattern: try cell.number(UInt64.self, "a Double"))
        case .float: self = Double(Float(bitPattern: try cell.number(UInt32.self, "a Double")))
        default: throw cell.mismatch("a Double")
        }
    }
}

extension String: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        if cell.type.isText {
            self = try cell.text()
        } else if cell.type == .jsonb {
            self = try cell.text(skipping: 1)
        } else if cell.type == .numeric {
            self = try cell.numeric()
        } else {
            throw cell.mismatch("text; cast it with ::text")
        }
    }
}

extension UInt128: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .uuid else { throw cell.mismatch("a UUID") }
        self = try cell.number(UInt128.self, "a UUID")
    }
}

extension PostgresTimestamp: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .timestamp else { throw cell.mismatch("a timestamptz") }
        let (microseconds, overflow) = try cell.number(Int64.self, "a timestamptz")
            .addingReportingOverflow(Epoch.microseconds)
        guard !overflow else { throw cell.mismatch("a finite timestamptz") }
        self.init(microsecondsSince1970: microseconds)
    }
}

extension PostgresDate: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .date else { throw cell.mismatch("a date") }
        let (days, overflow) = try cell.number(Int32.self, "a date").addingReportingOverflow(Epoch.days)
        guard !overflow else { throw cell.mismatch("a finite date") }
        self.init(daysSince1970: days)
    }
}

extension PostgresJSON: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .jsonb || cell.type == .json else { throw cell.mismatch("JSON") }
        self.init(try cell.bytes(skipping: cell.type == .jsonb ? 1 : 0))
    }
}

/// Enumerations written in Swift as text or numbers need one line: `extension Channel: PostgresDecodable {}`.
extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        guard let value = Self(rawValue: try RawValue(postgres: cell)) else {
            throw cell.mismatch("a known \(Self.self)")
        }
        self = value
    }
}

extension PostgresType {
    static let json = PostgresType(oid: 114)
    static let float = PostgresType(oid: 700)
    static let numeric = PostgresType(oid: 1700)
    private static let textual: Set<UInt32> = [18, 19, 25, 114, 705, 1042, 1043]
    /// Types made by users begin here; the enums among them travel as their label.
    private static let firstOfUsers: UInt32 = 16_384

    /// True when the binary format is the text itself.
    var isText: Bool { Self.textual.contains(oid) || oid >= Self.firstOfUsers }
}
