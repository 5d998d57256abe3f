import NotificationService
import NotificationWorld
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-1, NOT-11: messages of gateways that were taken out of the settings, beside very many of others.
@Suite struct `What waits for a gateway that is gone` {
    /// Messages that are due, each a second longer than the one before.
    private func seed(_ count: Int, _ lane: String, by route: String, _ pool: PostgresPool) async throws {
        try await pool.execute(
            """
            INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, payment, facts, state, address,
                body, route, next_try_at)
            SELECT gen_random_uuid(), \(NotificationStack.organisation), 'payment-link', 'sms', \(lane),
                \("\(route)/\(lane)/")::text || number, gen_random_uuid(), '{}', 'ready', '+33600000000', 'a',
                \(route), now() - number * interval '1 second'
            FROM generate_series(1, \(Int32(count))) AS number
            """)
    }

    /// Looks once, with connections of its own; whether there was something, and how many rows of messages were read.
    private func look(_ pool: PostgresPool) async throws -> (found: Bool, rows: Int) {
        try await pool.execute("ANALYZE message")
        try await pool.execute("SELECT pg_stat_reset()")
        let database = NotificationStack.database(pool.settings, role: NotificationService.schema)
        let found = try await RerouteMessages(database: database, order: ["smsfactor", "kannel"]).run()
        await database.pool.close()
        try await waitUntil("its sessions have told what they did") {
            try await pool.query(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND usename = \(NotificationService.schema)
                """
            ) { row in try row(0) as Int } == [0]
        }
        let rows = try await pool.query(
            """
            SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) AS rows FROM pg_stat_user_tables
            WHERE relname = 'message'
            """
        ) { row in try row("rows") as Int }
        return (found, rows.first ?? 0)
    }

    @Test func `NOT-11: is looked for without reading what waits for others, and what is urgent goes first`()
        async throws
    {
        let pool = try await NotificationStack.emptyDatabase(on: try await PrivatePostgres.shared())
        // So many that nobody reads them all where an index leads to the few.
        try await seed(20_000, "bulk", by: "smsfactor", pool)
        let before = try await look(pool)
        #expect(!before.found && (1...50).contains(before.rows), "so many rows were read: \(before.rows)")

        try await seed(RerouteMessages.batchMax + 100, "bulk", by: "gone", pool)
        try await seed(1, "urgent", by: "gone", pool)
        let moving = try await look(pool)
        #expect(moving.found && moving.rows < 10_000, "so many rows were read: \(moving.rows)")
        let left = try await pool.query(
            "SELECT lane FROM message WHERE route = 'gone'"
        ) { row in try row("lane") as String }
        #expect(left.count == 101 && !left.contains("urgent"), "\(left.count)")
        #expect(try await look(pool).found)
        #expect(try await !look(pool).found)
        await pool.close()
    }
}
