/// An open transaction, lent to a synchronous body.
///
/// It cannot be copied and cannot leave the body: `~Copyable` and `inout` make both a compile error. The body is
/// synchronous, so nothing can be awaited while locks are held.
package struct PostgresTransaction: ~Copyable {
    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    /// Runs a statement; answers how many rows it touched.
    @discardableResult
    package mutating func execute(_ sql: SQL) throws(PostgresError) -> Int {
        try connection.exchange([sql]).first?.affected ?? 0
    }

    /// Runs a statement together with the next one or with the commit, without a round trip of its own.
    ///
    /// Its failure appears there, and then nothing is stored. For rows whose outcome the body does not need, such as
    /// the outbox's.
    package mutating func executeLater(_ sql: SQL) { connection.transaction.later.append(sql) }

    /// Lets the commit answer before the disk has it; `SQL.aheadOfDisk` says when it may.
    package mutating func commitAheadOfDisk() { executeLater("SELECT \(SQL.aheadOfDisk)") }

    /// Runs several statements in one round trip; answers how many rows each touched.
    @discardableResult
    package mutating func pipeline(_ statements: [SQL]) throws(PostgresError) -> [Int] {
        guard !statements.isEmpty else { return [] }
        return try connection.exchange(statements).map(\.affected)
    }

    /// Runs several statements in one round trip; answers what the server said to each.
    mutating func together(_ statements: [SQL]) throws(PostgresError) -> [ResultSet] {
        try connection.exchange(statements)
    }

    /// Reads all rows of a statement.
    package mutating func query<Value>(_ sql: SQL, _ decode: (Row) throws -> Value) throws -> [Value] {
        guard let result = try connection.exchange([sql]).first else { return [] }
        return try result.decoded(decode)
    }

    /// Reads the first row of a statement, if there is one.
    package mutating func first<Value>(_ sql: SQL, _ decode: (Row) throws -> Value) throws -> Value? {
        guard let result = try connection.exchange([sql]).first, result.count > 0 else { return nil }
        return try decode(Row(result: result, index: 0))
    }

    /// Reads the one row of a statement; none or several are an error.
    package mutating func one<Value>(_ sql: SQL, _ decode: (Row) throws -> Value) throws -> Value {
        guard let result = try connection.exchange([sql]).first, result.count == 1 else {
            throw PostgresError(.decoding, "the statement did not answer exactly one row")
        }
        return try decode(Row(result: result, index: 0))
    }

    /// Runs a body whose work alone is undone when it throws.
    package mutating func savepoint<Answer>(
        _ body: (inout PostgresTransaction) throws -> Answer
    ) throws -> Answer {
        let name = try connection.enterSavepoint()
        let before = connection.transaction.failure
        defer { connection.transaction.savepoints -= 1 }
        do {
            let answer = try body(&self)
            try connection.settleLater()
            connection.transaction.later.append(SQL(unescaped: "RELEASE SAVEPOINT \(name)"))
            return answer
        } catch {
            connection.rollBack(toSavepoint: name, failureBefore: before)
            throw error
        }
    }

    /// Loads rows in bulk: `copyIn("COPY line (id, amount) FROM STDIN", rows: rows)`; answers how many.
    @discardableResult
    package mutating func copyIn(
        _ target: SQL, rows: some Sequence<[any PostgresEncodable]>
    ) throws(PostgresError) -> Int {
        try copyIn(target, of: rows) { row, line in for value in row { line.append(value) } }
    }

    /// Loads elements in bulk, each written as one line: `{ invoice, line in line.append(invoice.id) … }`.
    @discardableResult
    package mutating func copyIn<Element>(
        _ target: SQL, of elements: some Sequence<Element>, _ write: (Element, inout CopyLine) -> Void
    ) throws(PostgresError) -> Int {
        try connection.copyIn(target, of: elements, write)
    }
}

extension Connection {
    /// Sends what was put off, if anything was.
    func settleLater() throws(PostgresError) {
        guard !transaction.later.isEmpty else { return }
        _ = try exchange([])
    }

    /// Begins a savepoint with the next exchange.
    ///
    /// What was put off before belongs outside it and is settled now, or undoing the savepoint would undo that too.
    func enterSavepoint() throws(PostgresError) -> String {
        try settleLater()
        transaction.savepoints += 1
        let name = "savepoint_\(transaction.savepoints)"
        transaction.later.append(Self.savepoint(name))
        return name
    }

    /// Undoes what was done since the savepoint, with the next exchange.
    func rollBack(toSavepoint name: String, failureBefore: PostgresError?) {
        guard isReusable else { return }
        let wasSent = !transaction.later.contains { $0.text == Self.savepoint(name).text }
        transaction.later = []
        transaction.failure = failureBefore
        guard wasSent else { return }
        transaction.later = [
            SQL(unescaped: "ROLLBACK TO SAVEPOINT \(name)"), SQL(unescaped: "RELEASE SAVEPOINT \(name)"),
        ]
    }

    private static func savepoint(_ name: String) -> SQL { SQL(unescaped: "SAVEPOINT \(name)") }
}

extension ResultSet {
    /// Decodes every row.
    func decoded<Value>(_ decode: (Row) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for index in 0..<count { values.append(try decode(Row(result: self, index: Int32(index)))) }
        return values
    }
}
