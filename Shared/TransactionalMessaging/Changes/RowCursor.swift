package import PaymentModel
package import PostgresClient

/// The rows of one statement, handed out batch by batch: as many as there are, in memory that stays flat.
///
/// All batches show one state of the database. It has a connection of its own, outside the pool's number, so a reader
/// that is slow holds up nobody; whoever makes one MUST limit how many there are at once.
package final class RowCursor<Value: Sendable>: Sendable {
    private let session: PostgresSession
    private let options: TransactionOptions
    private let batch: SQL
    private let decode: @Sendable (Row) throws -> Value

    init(
        _ session: PostgresSession, _ options: TransactionOptions, rows: Int,
        _ decode: @escaping @Sendable (Row) throws -> Value
    ) {
        self.session = session
        self.options = options
        batch = SQL(unescaped: "FETCH FORWARD \(rows) FROM \(RowCursor.name)")
        self.decode = decode
    }

    private static var name: String { "batches" }

    /// The next rows; nil after the last, and then the connection is closed.
    package func next() async throws -> [Value]? {
        let rows = try await session.transaction(options) { [batch, decode] transaction in
            try transaction.query(batch, decode)
        }
        guard rows.isEmpty else { return rows }
        await session.close()
        return nil
    }

    /// Runs the statement; its rows wait at the server until they are fetched.
    func open(_ sql: SQL) async throws {
        // A transaction that may write has its end confirmed, and the end is when the rows are worked out.
        var opening = options
        opening.access = .readWrite
        try await session.transaction(opening) { transaction in
            try transaction.execute("DECLARE \(unescaped: RowCursor.name) CURSOR WITH HOLD FOR \(sql)")
            return
        }
    }
}

extension Database {
    /// Opens a cursor over what the organisation may see, `rows` at a time.
    package func cursor<Value: Sendable>(
        organisation: OrganisationID, rows: Int = 1_000, within limit: Duration = .seconds(300), _ sql: SQL,
        _ decode: @escaping @Sendable (Row) throws -> Value
    ) async throws -> RowCursor<Value> {
        var options = TransactionOptions.readOnly.seeing(organisation)
        options.statementTimeout = limit
        let cursor = RowCursor(try await pool.session(), options, rows: rows, decode)
        try await cursor.open(sql)
        return cursor
    }
}
