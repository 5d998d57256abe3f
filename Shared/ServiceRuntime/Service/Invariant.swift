package import PostgresClient
package import TransactionalMessaging

/// Something that must always hold in a service's schema, looked for on live data by `doctor`.
package struct Invariant: Sendable {
    /// What must hold, as a sentence.
    package let name: String

    /// The rows that break it: `organisation` and a text `breach` that names what it is.
    package let breaches: SQL

    /// An invariant with the statement that finds its breaches.
    package init(_ name: String, breaches: SQL) {
        self.name = name
        self.breaches = breaches
    }

    /// How long one may be looked for: large books take longer than a request may.
    private static let timeMax: Duration = .seconds(600)

    /// The first of what breaks it, of all organisations, each as an operator reads it.
    package func look(in database: Database, naming max: Int64) async throws -> [String] {
        let breaches = breaches
        return try await database.read(organisation: nil, within: Self.timeMax) { transaction in
            try transaction.query(
                """
                SELECT organisation::text, breach::text FROM (\(breaches)) AS broken
                ORDER BY organisation, breach LIMIT \(max)
                """
            ) { row in "\(try row("organisation") as String): \(try row("breach") as String)" }
        }
    }
}
