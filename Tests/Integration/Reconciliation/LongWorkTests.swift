import HTTPServer
import PaymentModel
import PostgresClient
import ReconciliationService
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

extension `The books` {
    /// What has one statement for all of an organisation's entries or payments.
    @Suite struct `Work that takes long` {
        /// The same service, on connections whose statements may take two seconds.
        private func hasty(_ bench: BooksBench) async throws -> (http: InProcessClient, pool: PostgresPool) {
            var settings = bench.settings
            settings.statementTimeout = .seconds(2)
            let pool = PostgresPool(settings, logger: BooksBench.logger)
            let assembly = try await ReconciliationService.assemble(
                ServiceContext(
                    settings: try Settings(ReconciliationService.settings, from: Environment([:])),
                    database: Database(pool: pool, ids: .system, time: .system), time: .system, ids: .system,
                    logger: BooksBench.logger))
            let http = try await InProcessClient(assembly.routes, time: .system, ids: .system) { error in
                assembly.problems(error) ?? StorageProblems.problem(of: error)
            }
            return (http, pool)
        }

        @Test(arguments: [
            ("/v1/accounting/periods", "books of ", 201), ("/v1/statistics/refresh", "statistics of ", 200),
        ])
        func `REC-8 REC-9 may take longer than statements do otherwise`(
            path: String, lock: String, status: Int
        ) async throws {
            let books = try Books()
            try await books.tell(PaymentFacts("payment_one", 9_000))
            let (http, pool) = try await hasty(books.bench)
            let key: SQL = "hashtextextended(\(lock + books.organisation.description)::text, 0)"
            let holder = try await books.bench.superuser.session()
            try await holder.transaction { transaction in
                try transaction.execute("SELECT pg_advisory_lock(\(key))")
            }
            async let asked = http.call(
                .post, path, as: books.principal(), json: #"{"through":"\#(Books.day)"}"#, key: Books.newKey())
            try await waitUntil("it has waited for longer") {
                let waiting: [Bool] = try await books.bench.superuser.query(
                    """
                    SELECT true AS waits FROM pg_locks JOIN pg_stat_activity USING (pid)
                    WHERE locktype = 'advisory' AND NOT granted
                        AND (classid::bigint << 32 | objid::bigint) = \(key)
                        AND query_start < clock_timestamp() - interval '3 seconds'
                    """
                ) { row in try row("waits") }
                return !waiting.isEmpty
            }
            await holder.close()
            let answer = try await asked
            #expect(answer.status == status, "\(answer.text)")
            await pool.close(within: .seconds(1))
        }
    }
}
