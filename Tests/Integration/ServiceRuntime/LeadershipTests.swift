import PostgresClient
import ServiceRuntime
import TestSupport
import Testing

@Suite struct `Who runs the jobs that only one may run` {
    @Test func `NOT-11: is one server, whichever worker came before it`() async throws {
        let settings = try await PrivatePostgres.shared().database()
        let pools = (0..<3).map { _ in PostgresPool(settings) }
        let worker = Leadership(pool: pools[0], of: .work)
        let (server, second) = (Leadership(pool: pools[1], of: .serve), Leadership(pool: pools[2], of: .serve))
        #expect(await worker.holds())
        #expect(await server.holds())
        #expect(await !second.holds())
        // A session that ends leaves its place to whoever asks next.
        try await pools[0].execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
                AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')
            """)
        try await waitUntil("the second server leads") { await second.holds() }
        for pool in pools { await pool.close() }
    }
}
