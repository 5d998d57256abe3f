import PostgresClient
import TestSupport
import Testing

/// Each has a cluster of its own, since it breaks it.
@Suite(.serialized) struct `When PostgreSQL fails` {
    /// A table whose rows make the commit itself sleep, so that a test can strike during it.
    private static let slowCommit: [SQL] = [
        "CREATE TABLE entry (id int)",
        """
        CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$
        """,
        """
        CREATE CONSTRAINT TRIGGER linger_at_commit AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION linger()
        """,
    ]
    private static let committing: SQL = "SELECT pid FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"

    @Test func `a backend killed during the commit leaves the outcome unknown, and says so`() async throws {
        let cluster = try await PrivatePostgres.start()
        try await withPool(try await cluster.database()) { pool in
            for statement in Self.slowCommit { try await pool.execute(statement) }
            let commit = Task { try await pool.failure { try $0.execute("INSERT INTO entry VALUES (1)") } }
            var backend: Int32?
            try await waitUntil("the commit is under way") {
                backend = try await pool.query(Self.committing) { try $0("pid") as Int32 }.first
                return backend != nil
            }
            if let backend { cluster.killBackend(backend) }
            #expect(try await commit.value?.kind == .commitUnknown)
            var entries: Int?
            try await waitUntil("the pool serves again") {
                entries = try? await pool.number("SELECT count(*) FROM entry")
                return entries != nil
            }
            #expect(entries == 0)
        }
    }

    @Test func `a connection ended during the commit leaves the outcome unknown`() async throws {
        try await withFreshDatabase { pool in
            for statement in Self.slowCommit { try await pool.execute(statement) }
            let commit = Task { try await pool.failure { try $0.execute("INSERT INTO entry VALUES (1)") } }
            let terminated: SQL = """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE query = 'COMMIT' AND state = 'active' AND datname = current_database()
                """
            try await waitUntil("the commit was struck") { try await pool.number(terminated) == 1 }
            #expect(try await commit.value?.kind == .commitUnknown)
        }
    }

    @Test func `a transaction that had not committed fails as not stored, and the pool serves after the restart`()
        async throws
    {
        let cluster = try await PrivatePostgres.start()
        try await withPool(try await cluster.database()) { pool in
            try await pool.execute("CREATE TABLE entry (id int)")
            let interrupted = Task {
                try await pool.failure { transaction in
                    try transaction.execute("INSERT INTO entry VALUES (1)")
                    try transaction.execute("SELECT pg_sleep(30)")
                }
            }
            try await waitUntil("the transaction runs") {
                try await pool.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)' AND state = 'active'") == 1
            }
            try await cluster.stopServer(.fast)
            #expect(try await interrupted.value?.kind == .connection)
            #expect(try await pool.failure { try $0.execute("SELECT 1") }?.kind == .connection)
            try await cluster.startServer()
            // The first call after the restart succeeds: idle connections that died are noticed before they are used.
            #expect(try await pool.number("SELECT count(*) FROM entry") == 0)
        }
    }

    @Test func `a server restarted while nobody looked is not noticed at all`() async throws {
        let cluster = try await PrivatePostgres.start()
        try await withPool(try await cluster.database()) { pool in
            try await pool.execute("CREATE TABLE entry (id int)")
            _ = try await pool.read { try $0.one("SELECT 1") { try $0(0) as Int } }
            try await cluster.stopServer(.immediate)
            try await cluster.startServer()
            try await pool.transaction { try $0.execute("INSERT INTO entry VALUES (1)") }
            #expect(try await pool.number("SELECT count(*) FROM entry") == 1)
        }
    }

    @Test func `a frozen server holds nobody longer than the limits say`() async throws {
        let cluster = try await PrivatePostgres.start()
        var settings = try await cluster.database()
        settings.statementTimeout = .milliseconds(200)
        settings.silenceGrace = .milliseconds(200)
        settings.connectTimeout = .milliseconds(500)
        try await withPool(settings) { pool in
            try await pool.execute("CREATE TABLE entry (id int)")
            await cluster.freeze()
            let silent = try await pool.failure { try $0.execute("INSERT INTO entry VALUES (1)") }
            #expect(silent?.kind == .timeout)
            #expect(try await pool.failure { try $0.execute("SELECT 1") }?.kind == .connection)
            await cluster.thaw()
            var entries: Int?
            try await waitUntil("the pool serves again") {
                entries = try? await pool.number("SELECT count(*) FROM entry")
                return entries != nil
            }
            #expect(entries == 0)
        }
    }

    @Test func `a session holds its lock until its connection is lost, and then says so for ever`() async throws {
        try await withFreshDatabase { pool in
            let leader = try await pool.session()
            let take: SQL = "SELECT pg_try_advisory_lock(42) AS taken"
            let taken = try await leader.transaction { try $0.one(take) { try $0("taken") as Bool } }
            #expect(taken)
            let follower = try await pool.session()
            #expect(try await follower.transaction { try $0.one(take) { try $0("taken") as Bool } } == false)

            try await pool.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_locks
                WHERE locktype = 'advisory' AND objid = 42 AND granted
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """)
            for _ in 0..<3 {
                await #expect(throws: PostgresError.self) {
                    try await leader.transaction { try $0.execute("SELECT 1") }
                }
            }
            try await waitUntil("the follower leads") {
                try await follower.transaction { try $0.one(take) { try $0("taken") as Bool } }
            }
            await follower.close()
            let third = try await pool.session()
            #expect(try await third.transaction { try $0.one(take) { try $0("taken") as Bool } })
            await third.close()
            await leader.close()
        }
    }

    @Test func `a session's single statement is a transaction of its own, and fails once its connection was lost`()
        async throws
    {
        try await withFreshDatabase { pool in
            let session = try await pool.session()
            let taken = try await session.query("SELECT pg_try_advisory_lock(43) AS taken") { try $0("taken") as Bool }
            #expect(taken == [true])
            // Only a transaction that somebody began has savepoints.
            await #expect(throws: PostgresError.self) { try await session.query("SAVEPOINT here") { _ in true } }
            let held: SQL = """
                FROM pg_locks WHERE locktype = 'advisory' AND objid = 43 AND granted
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """
            #expect(try await pool.number("SELECT count(*) \(held)") == 1, "the lock outlives the statement")
            try await pool.execute("SELECT pg_terminate_backend(pid) \(held)")
            for _ in 0..<3 {
                await #expect(throws: PostgresError.self) { try await session.query("SELECT 1") { _ in true } }
            }
            await session.close()
        }
    }

    @Test func `a dump restored elsewhere holds the same rows`() async throws {
        let cluster = try await PrivatePostgres.shared()
        try await withFreshDatabase { pool in
            try await pool.execute("CREATE TABLE entry AS SELECT n FROM generate_series(1, 100) AS n")
            let restored = try await cluster.restore(try await cluster.dump(pool.settings.database))
            try await withPool(restored) { copy in
                let sum = try await copy.number("SELECT sum(n) FROM entry")
                #expect(sum == 5_050)
            }
        }
    }
}
