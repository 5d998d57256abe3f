import CPostgres

/// What the server answered to one statement.
///
/// Safe: owns its `PGresult`, frees it once; what reads its memory holds on to this object.
@safe
final class ResultSet {
    let raw: OpaquePointer
    let count: Int

    init(owning raw: OpaquePointer) {
        unsafe self.raw = raw
        count = Int(unsafe PQntuples(raw))
    }

    deinit { unsafe PQclear(raw) }

    /// Rows inserted, changed, deleted, or read.
    var affected: Int {
        guard let text = unsafe PQcmdTuples(raw) else { return 0 }
        var number = 0
        var index = 0
        while unsafe text[index] >= 48, unsafe text[index] <= 57 {
            number = number * 10 + Int(unsafe text[index]) - 48
            index += 1
        }
        return number
    }

    /// The word the server closes a statement with, such as `ROLLBACK`.
    var commandTag: String {
        guard let tag = unsafe PQcmdStatus(raw) else { return "" }
        return unsafe String(cString: tag)
    }

    func column(named name: String) -> Int32? {
        let column = unsafe name.withCString { unsafe PQfnumber(raw, $0) }
        return column < 0 ? nil : column
    }

    func name(ofColumn column: Int32) -> String {
        guard let name = unsafe PQfname(raw, column) else { return "column \(column + 1)" }
        return unsafe String(cString: name)
    }

    func cell(row: Int32, column: Int32) -> PostgresCell {
        let type = unsafe PostgresType(oid: PQftype(raw, column))
        guard unsafe PQgetisnull(raw, row, column) == 0, let value = unsafe PQgetvalue(raw, row, column) else {
            return unsafe PostgresCell(owner: self, column: column, type: type, start: nil, count: 0)
        }
        return unsafe PostgresCell(
            owner: self, column: column, type: type, start: UnsafeRawPointer(value),
            count: Int(PQgetlength(raw, row, column)))
    }
}

/// One row of an answer, lent to the closure that decodes it.
package struct Row {
    let result: ResultSet
    let index: Int32

    /// The value of a column, by name: `let total: Int64 = try row("total")`; `nil` needs an optional type.
    package func callAsFunction<Value: PostgresDecodable>(_ column: String) throws(PostgresError) -> Value {
        guard let number = result.column(named: column) else {
            throw PostgresError(.decoding, "the answer has no column \"\(column)\"")
        }
        return try Value(postgres: result.cell(row: index, column: number))
    }

    /// The value of a column, by position from 0.
    package func callAsFunction<Value: PostgresDecodable>(_ column: Int) throws(PostgresError) -> Value {
        guard (0..<Int(unsafe PQnfields(result.raw))).contains(column) else {
            throw PostgresError(.decoding, "the answer has no column number \(column)")
        }
        return try Value(postgres: result.cell(row: index, column: Int32(column)))
    }
}
