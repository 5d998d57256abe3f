import PostgresClient
import TestSupport
import Testing

@Suite struct `Tasks and the threads of the PostgreSQL pool` {
    @Test func `reads that arrive together each get their own answer, also when some fail`() async throws {
        try await withFreshDatabase({ $0.connections = 2 }) { pool in
            let outcomes = await withTaskGroup(of: (number: Int, answer: Int?).self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let divisor = number % 50 == 0 ? 0 : 1
                        let answer = try? await pool.number("SELECT \(number) / \(divisor)")
                        return (number, answer)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for outcome in outcomes {
                #expect(outcome.answer == (outcome.number % 50 == 0 ? nil : outcome.number))
            }
            #expect(outcomes.count == 300)
        }
    }

    @Test func `a task that lives on the pool's threads runs its transactions there`() async throws {
        try await withFreshDatabase({ $0.connections = 3 }) { pool in
            try await pool.execute("CREATE TABLE entry (id int PRIMARY KEY)")
            try await withThrowingTaskGroup { group in
                for task in 0..<20 {
                    group.addTask(executorPreference: pool.executor) {
                        for step in 0..<10 {
                            let id = Int32(task * 10 + step)
                            try await pool.transaction { try $0.execute("INSERT INTO entry VALUES (\(id))") }
                            await Task.yield()
                            let found = try await pool.number("SELECT count(*) FROM entry WHERE id = \(id)")
                            guard found == 1 else { throw TestSupportError("entry \(id) is missing") }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let entries = try await pool.number("SELECT count(*) FROM entry")
            #expect(entries == 200)
        }
    }

    @Test func `a task that lives on the pool's threads is cancelled there`() async throws {
        try await withFreshDatabase { pool in
            let sleeper = Task(executorPreference: pool.executor) {
                try await pool.failure { try $0.execute("SELECT pg_sleep(30), 'in place'") }
            }
            let asleep: SQL = """
                SELECT count(*) FROM pg_stat_activity
                WHERE state = 'active' AND query LIKE '%in place%' AND pid <> pg_backend_pid()
                    AND datname = current_database()
                """
            try await waitUntil("the statement runs") { try await pool.number(asleep) == 1 }
            sleeper.cancel()
            let failure = try await sleeper.value
            #expect(failure?.kind == .cancelled)
        }
    }

    @Test func `a task that lives on the pool's threads can end after the pool was closed`() async throws {
        let pool = PostgresPool(try await PrivatePostgres.shared().database())
        let failure = try await Task(executorPreference: pool.executor) {
            await pool.close()
            await Task.yield()
            return try await pool.failure { try $0.execute("SELECT 1") }
        }.value
        #expect(failure?.kind == .closed)
    }
}
