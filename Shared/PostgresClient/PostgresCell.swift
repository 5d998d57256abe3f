/// One value of an answer, in the server's binary format.
///
/// Safe: the memory belongs to `owner`, which it keeps alive, and every read is within `count`.
@safe
package struct PostgresCell {
    let owner: ResultSet
    let column: Int32
    /// What the server says it is.
    package let type: PostgresType
    private let start: UnsafeRawPointer?
    /// How many bytes it has.
    package let count: Int

    init(owner: ResultSet, column: Int32, type: PostgresType, start: UnsafeRawPointer?, count: Int) {
        self.owner = owner
        self.column = column
        self.type = type
        unsafe self.start = start
        self.count = count
    }

    /// True when the server answered NULL.
    package var isNull: Bool { unsafe start == nil }

    /// The error of a value that does not have the shape that was asked for; names the column, never the value.
    package func mismatch(_ wanted: String) -> PostgresError {
        let found = isNull ? "NULL" : "type \(type.oid)"
        return PostgresError(.decoding, "column \"\(owner.name(ofColumn: column))\": \(found) is not \(wanted)")
    }

    /// A big-endian number that fills the value.
    func number<Number: FixedWidthInteger>(_: Number.Type, _ wanted: String) throws(PostgresError) -> Number {
        guard let start = unsafe start, count == MemoryLayout<Number>.size else { throw mismatch(wanted) }
        return unsafe Number(bigEndian: start.loadUnaligned(as: Number.self))
    }

    /// A big-endian number somewhere inside the value.
    func number<Number: FixedWidthInteger>(
        at offset: Int, _: Number.Type, _ wanted: String
    ) throws(PostgresError) -> Number {
        guard let start = unsafe start, offset >= 0, offset + MemoryLayout<Number>.size <= count else {
            throw mismatch(wanted)
        }
        return unsafe Number(bigEndian: start.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// A part of the value as a value of its own; a negative length is NULL.
    func part(at offset: Int, count: Int, type: PostgresType) throws(PostgresError) -> PostgresCell {
        guard count >= 0 else {
            return unsafe PostgresCell(owner: owner, column: column, type: type, start: nil, count: 0)
        }
        guard let start = unsafe start, offset >= 0, offset + count <= self.count else { throw mismatch("an array") }
        return unsafe PostgresCell(
            owner: owner, column: column, type: type, start: start.advanced(by: offset), count: count)
    }

    /// The bytes as UTF-8 text, without the first `skipped` bytes.
    func text(skipping skipped: Int = 0) throws(PostgresError) -> String {
        guard let start = unsafe start, skipped <= count else { throw mismatch("text") }
        let bytes = unsafe UnsafeRawBufferPointer(start: start.advanced(by: skipped), count: count - skipped)
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    /// A copy of the bytes, without the first `skipped` bytes.
    func bytes(skipping skipped: Int = 0) throws(PostgresError) -> [UInt8] {
        guard let start = unsafe start, skipped <= count else { throw mismatch("bytes") }
        return unsafe Array(UnsafeRawBufferPointer(start: start.advanced(by: skipped), count: count - skipped))
    }
}
