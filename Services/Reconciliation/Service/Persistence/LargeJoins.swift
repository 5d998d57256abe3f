import PostgresClient
import TransactionalMessaging

/// Statements over a whole file.
enum LargeJoins {
    /// Rows from which on tables are joined at once and not row by row.
    static let rowsMin = 10_000
}

extension Change {
    /// Plans what is done within for so many rows, whatever statistics know of the tables.
    ///
    /// Statistics follow what is written a while later: of an organisation that is new they say that it has no rows,
    /// and a plan made for none reads its table once for each line of the file.
    mutating func joining<Result>(_ rows: Int, _ body: (inout Change) throws -> Result) rethrows -> Result {
        guard rows >= LargeJoins.rowsMin else { return try body(&self) }
        executeLater("SET LOCAL enable_nestloop = off")
        let result = try body(&self)
        executeLater("SET LOCAL enable_nestloop TO DEFAULT")
        return result
    }
}
