/// Statements and what is made of their rows: one value to read.
///
/// Several queries of a transaction share one round trip: `let (client, rules) = try transaction.read(a, b)`. Each
/// statement is one of its own, in their order: it sees what was committed when its turn came, also what a lock of the
/// one before it had to wait for.
package struct Query<Value> {
    let statements: [SQL]
    let decode: ([ResultSet]) throws -> Value

    /// All rows of a statement.
    package static func all<Element>(
        _ sql: SQL, _ decode: @escaping (Row) throws -> Element
    ) -> Query<[Element]> where Value == [Element] {
        Query(statements: [sql]) { try $0[0].decoded(decode) }
    }

    /// The first row of a statement, if there is one.
    package static func first<Element>(
        _ sql: SQL, _ decode: @escaping (Row) throws -> Element
    ) -> Query<Element?> where Value == Element? {
        Query(statements: [sql]) { results in
            results[0].count > 0 ? try decode(Row(result: results[0], index: 0)) : nil
        }
    }

    /// What needs no statement.
    package static func known(_ value: Value) -> Query { Query(statements: []) { _ in value } }

    /// Whether a statement has any row.
    package static func exists(_ sql: SQL) -> Query<Bool> where Value == Bool {
        Query(statements: [sql]) { $0[0].count > 0 }
    }

    /// What was read together with what another query reads.
    package func with<Other, Both>(
        _ other: Query<Other>, _ combine: @escaping (Value, Other) throws -> Both
    ) -> Query<Both> {
        let count = statements.count
        return Query<Both>(statements: statements + other.statements) { [decode] results in
            try combine(decode(Array(results[..<count])), other.decode(Array(results[count...])))
        }
    }
}

extension PostgresTransaction {
    /// Reads a value in one round trip.
    package mutating func read<Value>(_ query: Query<Value>) throws -> Value {
        try query.decode(together(query.statements))
    }

    /// Reads several values in one round trip.
    package mutating func read<each Value>(_ queries: repeat Query<each Value>) throws -> (repeat each Value) {
        var statements: [SQL] = []
        for query in repeat each queries { statements += query.statements }
        var results = try together(statements)[...]
        func next<One>(_ query: Query<One>) throws -> One {
            defer { results = results.dropFirst(query.statements.count) }
            return try query.decode(Array(results.prefix(query.statements.count)))
        }
        return (repeat try next(each queries))
    }
}
