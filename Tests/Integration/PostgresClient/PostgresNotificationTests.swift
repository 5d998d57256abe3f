import PostgresClient
import TestSupport
import Testing

@Suite struct `Notifications of PostgreSQL` {
    @Test func `arrive when their transaction commits, and only then`() async throws {
        try await withFreshDatabase { pool in
            var arrivals = pool.notifications("news \"quoted\"").makeAsyncIterator()
            #expect(await arrivals.next() == "")
            _ = try await pool.failure { transaction in
                try transaction.execute("SELECT pg_notify('news \"quoted\"', 'never')")
                throw PostgresError(.usage, "rolled back on purpose")
            }
            try await pool.transaction { try $0.execute("SELECT pg_notify('news \"quoted\"', 'first')") }
            #expect(await arrivals.next() == "first")
            try await pool.transaction { try $0.execute("SELECT pg_notify('other', 'not for us')") }
            try await pool.transaction { try $0.execute("SELECT pg_notify('news \"quoted\"', 'second')") }
            #expect(await arrivals.next() == "second")
        }
    }

    @Test func `are said again as an empty payload after the connection was lost`() async throws {
        try await withFreshDatabase { pool in
            var arrivals = pool.notifications("news").makeAsyncIterator()
            #expect(await arrivals.next() == "")
            try await pool.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """)
            #expect(await arrivals.next() == "")
            try await pool.execute("SELECT pg_notify('news', 'after')")
            #expect(await arrivals.next() == "after")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `begin anew for whoever comes back to a channel before the listener saw it left`() async throws {
        try await withFreshDatabase { pool in
            for _ in 0..<300 {
                for await payload in pool.notifications("news") {
                    #expect(payload == "")
                    break
                }
            }
        }
    }

    @Test func `end when the pool closes`() async throws {
        let pool = PostgresPool(try await PrivatePostgres.shared().database())
        let arrivals = pool.notifications("news")
        await pool.close()
        var count = 0
        for await _ in arrivals { count += 1 }
        #expect(count <= 1)
    }
}
