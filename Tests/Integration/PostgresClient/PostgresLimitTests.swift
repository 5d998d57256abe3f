import PostgresClient
import TestSupport
import Testing

@Suite struct `Limits of the PostgreSQL pool` {
    @Test func `end a statement that runs too long, and the connection serves on`() async throws {
        try await withFreshDatabase({ $0.connections = 1 }) { pool in
            var options = TransactionOptions.readWrite
            options.statementTimeout = .milliseconds(50)
            let failure = try await pool.failure(options) { try $0.execute("SELECT pg_sleep(30)") }
            #expect(failure?.kind == .timeout)
            #expect(failure?.sqlState == .queryCanceled)
            #expect(try await pool.number("SELECT 1") == 1)
        }
    }

    @Test func `let a cancelled task go at once and stop its statement on the server`() async throws {
        try await withFreshDatabase { pool in
            let sleeper = Task { try await pool.failure { try $0.execute("SELECT pg_sleep(30), 'sleeper'") } }
            let asleep: SQL = """
                SELECT count(*) FROM pg_stat_activity
                WHERE state = 'active' AND query LIKE '%sleeper%' AND pid <> pg_backend_pid()
                    AND datname = current_database()
                """
            try await waitUntil("the statement runs") { try await pool.number(asleep) == 1 }
            sleeper.cancel()
            #expect(try await sleeper.value?.kind == .cancelled)
            try await waitUntil("the statement has ended") { try await pool.number(asleep) == 0 }
        }
    }

    @Test func `do not begin the work of a task that is cancelled already`() async throws {
        try await withFreshDatabase { pool in
            try await pool.execute("CREATE TABLE entry (id int)")
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await pool.failure { try $0.execute("INSERT INTO entry VALUES (1)") }
            }
            task.cancel()
            #expect(try await task.value?.kind == .cancelled)
            #expect(try await pool.number("SELECT count(*) FROM entry") == 0)
        }
    }

    @Test func `refuse who waits too long for a connection, and say so`() async throws {
        try await withFreshDatabase({
            $0.connections = 1
            $0.poolWaitTimeout = .milliseconds(60)
        }) { pool in
            let holder = Task { try await pool.failure { try $0.execute("SELECT pg_sleep(30)") } }
            let held = PostgresPool(pool.settings)
            try await waitUntil("the connection is in use") {
                try await held.number(
                    """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE query LIKE '%pg_sleep(30)' AND state = 'active' AND datname = current_database()
                    """) == 1
            }
            let failure = try await pool.failure { try $0.execute("SELECT 1") }
            #expect(failure?.kind == .poolExhausted)
            #expect(failure?.message.contains("no connection became free") == true)
            holder.cancel()
            #expect(try await holder.value?.kind == .cancelled)
            await held.close()
        }
    }

    @Test func `let many more callers than connections through, in turn`() async throws {
        try await withFreshDatabase({ $0.connections = 3 }) { pool in
            try await pool.execute("CREATE TABLE entry (id int PRIMARY KEY)")
            try await withThrowingTaskGroup { group in
                for id in 0..<500 {
                    group.addTask {
                        try await pool.transaction { try $0.execute("INSERT INTO entry VALUES (\(Int32(id)))") }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.number("SELECT count(*) FROM entry") == 500)
            let connections: SQL = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            #expect(try await pool.number(connections) <= 3)
        }
    }

    @Test func `NOT-11: let what is urgent pass those that wait for a connection`() async throws {
        try await withFreshDatabase({
            $0.connections = 1
            $0.poolWaitersMax = 10
        }) { pool in
            try await pool.execute("CREATE TABLE entry (place serial, who text)")
            let observer = PostgresPool(pool.settings)
            let gate = try await observer.session()
            try await gate.transaction { try $0.execute("SELECT pg_advisory_lock(8)") }
            let holder = Task {
                try await pool.transaction { try $0.execute("SELECT pg_advisory_xact_lock(8)") }
            }
            // The connection is in use by then.
            try await observer.waitForLocks(1)
            let others = (0..<10).map { _ in
                Task {
                    // Whoever looks whether the line is full stands in it for a moment, and may take somebody's place.
                    while try await isRefused(pool, "INSERT INTO entry (who) VALUES ('other')") {}
                }
            }
            try await waitUntil("all of them are in line") { try await isFull(pool) }
            others[9].cancel()
            _ = await others[9].result
            let urgent = Task {
                try await pool.transaction(.readWrite.waiting(.first)) { transaction in
                    try transaction.execute("INSERT INTO entry (who) VALUES ('urgent')")
                }
            }
            await gate.close()
            _ = try await (holder.value, urgent.value)
            for other in others.dropLast() { _ = try await other.value }
            let order = try await pool.query("SELECT who FROM entry ORDER BY place") { try $0(0) as String }
            #expect(order.count == 10 && order.last == "other", "\(order)")
            await observer.close()
        }
    }

    /// Does something that takes a moment; answers whether there was no place in line.
    private func isRefused(_ pool: PostgresPool, _ statement: SQL) async throws -> Bool {
        do {
            try await pool.transaction { transaction in
                try transaction.execute(statement)
                try transaction.execute("SELECT pg_sleep(0.1)")
            }
            return false
        } catch let error as PostgresError where error.message.contains("too many") {
            try await Task.sleep(for: .milliseconds(1))
            return true
        }
    }

    /// Whether one more caller would be refused; one who is let in gives up at once.
    private func isFull(_ pool: PostgresPool) async throws -> Bool {
        var impatient = TransactionOptions.readWrite
        impatient.poolWaitTimeout = .milliseconds(1)
        return try await pool.failure(impatient) { try $0.execute("SELECT 1") }?.message.contains("too many") == true
    }

    @Test func `finish what is in hand before the pool closes, and take nothing more`() async throws {
        let settings = try await PrivatePostgres.shared().database()
        let pool = PostgresPool(settings)
        try await pool.execute("CREATE TABLE entry (id int)")
        let observer = PostgresPool(settings)
        let gate = try await observer.session()
        try await gate.transaction { try $0.execute("SELECT pg_advisory_lock(7)") }
        let inHand = Task {
            try await pool.transaction { transaction in
                try transaction.execute("SELECT pg_advisory_xact_lock(7)")
                try transaction.execute("INSERT INTO entry VALUES (1)")
            }
        }
        // The work is in hand by then.
        try await observer.waitForLocks(1)
        async let closing: Void = pool.close()
        try await waitUntil("the pool takes nothing more") {
            try await pool.failure { try $0.execute("SELECT 1") }?.kind == .closed
        }
        await gate.close()
        _ = try await inHand.value
        await closing
        let entries = try await observer.number("SELECT count(*) FROM entry")
        #expect(entries == 1)
        let refused = try await pool.failure { try $0.execute("SELECT 1") }
        #expect(refused?.kind == .closed)
        await observer.close()
    }

    @Test func `hold back nobody who asks a pool of a missing database`() async throws {
        var settings = try await PrivatePostgres.shared().settings(database: "nowhere")
        settings.connectTimeout = .seconds(2)
        try await withPool(settings) { pool in
            let failure = try await pool.failure { try $0.execute("SELECT 1") }
            #expect(failure?.kind == .connection)
            #expect(failure?.message.contains("nowhere") == true)
        }
    }
}
