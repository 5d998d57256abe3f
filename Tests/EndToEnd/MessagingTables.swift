import PostgresClient
import TestSupport

/// What the four services hold in their tables of outgoing and of refused messages.
struct MessagingTables {
    private static let schemas = ["invoicing", "payments", "notification", "reconciliation"]

    private let settings: PostgresSettings

    init(of system: LocalSystem) {
        settings = PostgresSettings(
            host: "\(system.folder)/postgres-socket", port: system.portBase + 20, database: "quittance",
            user: "postgres", applicationName: "tests", connections: 1, tls: .disable)
    }

    /// Waits until no event waits to be published, and counts those that were.
    func publishedEvents() async throws -> Int {
        try await waitUntil("every event is published") { try await count("outbox") == 0 }
        return try await count("outbox_journal WHERE sequence > 0")
    }

    /// Messages that were parked because nobody could handle them.
    func deadLetters() async throws -> Int { try await count("dead_letter") }

    private func count(_ rest: String) async throws -> Int {
        let parts = Self.schemas.map { "SELECT count(*) AS rows FROM \($0).\(rest)" }.joined(separator: " UNION ALL ")
        let pool = PostgresPool(settings)
        let counts = try await pool.query(
            "SELECT coalesce(sum(rows), 0)::bigint AS count FROM (\(unescaped: parts)) AS of_each"
        ) { row in try row("count") as Int }
        await pool.close()
        return counts.first ?? 0
    }
}
