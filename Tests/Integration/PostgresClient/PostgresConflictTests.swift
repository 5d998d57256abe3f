import PostgresClient
import Synchronization
import TestSupport
import Testing

@Suite struct `Transactions that meet` {
    /// Counts how often bodies ran, across threads.
    private final class Runs: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
        @discardableResult func add() -> Int { count.add(1, ordering: .relaxed).newValue }
    }

    @Test func `as if alone run again until each has its turn`() async throws {
        try await withFreshDatabase({ $0.connections = 8 }) { pool in
            try await pool.execute("CREATE TABLE counter (id int PRIMARY KEY, value bigint)")
            try await pool.execute("INSERT INTO counter VALUES (1, 0)")
            var options = TransactionOptions.serializable
            options.attemptsMax = 200
            let patient = options
            let runs = Runs()
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<25 {
                            try await pool.transaction(patient) { transaction in
                                runs.add()
                                let value = try transaction.one("SELECT value FROM counter WHERE id = 1") {
                                    try $0("value") as Int
                                }
                                try transaction.execute("UPDATE counter SET value = \(value + 1) WHERE id = 1")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.number("SELECT value FROM counter WHERE id = 1") == 200)
            #expect(runs.value > 200, "the writers never met, so nothing was proven")
        }
    }

    @Test func `and would wait for each other for ever run again, one after the other`() async throws {
        try await withFreshDatabase { pool in
            try await pool.execute("ALTER DATABASE \(unescaped: pool.settings.database) SET deadlock_timeout = '20ms'")
            try await pool.execute("CREATE TABLE account (id int PRIMARY KEY, value bigint)")
            try await pool.execute("INSERT INTO account VALUES (1, 0), (2, 0)")
            let runs = Runs()
            // Both first runs hold their first row before either asks for its second: a deadlock for certain.
            @Sendable func move(from: Int, to: Int) async throws {
                try await pool.transaction { transaction in
                    try transaction.execute("UPDATE account SET value = value - 1 WHERE id = \(from)")
                    if runs.add() <= 2 {
                        let deadline = ContinuousClock.now + .seconds(10)
                        while runs.value < 2, .now < deadline { try transaction.execute("SELECT pg_sleep(0.005)") }
                    }
                    try transaction.execute("UPDATE account SET value = value + 1 WHERE id = \(to)")
                }
            }
            async let forth: Void = move(from: 1, to: 2)
            async let back: Void = move(from: 2, to: 1)
            _ = try await (forth, back)
            #expect(runs.value >= 3)
            #expect(try await pool.number("SELECT count(*) FROM account WHERE value = 0") == 2)
        }
    }

    @Test func `are given up after as many tries as allowed, with the server's own code`() async throws {
        try await withFreshDatabase { pool in
            let runs = Runs()
            let failure = try await pool.failure { transaction in
                runs.add()
                try transaction.execute("DO $$ BEGIN RAISE EXCEPTION 'met' USING ERRCODE = '40001'; END $$")
            }
            #expect(failure?.sqlState == .serializationFailure)
            #expect(runs.value == TransactionOptions.readWrite.attemptsMax)
        }
    }

    @Test func `run again also when the body wrapped the server's error in its own`() async throws {
        struct Wrapped: Error {}
        try await withFreshDatabase { pool in
            let runs = Runs()
            let answer = try await pool.transaction { transaction in
                guard runs.add() < 3 else { return "done" }
                do {
                    try transaction.execute("DO $$ BEGIN RAISE EXCEPTION 'met' USING ERRCODE = '40P01'; END $$")
                } catch {
                    throw Wrapped()
                }
                return "never"
            }
            #expect(answer == "done")
        }
    }
}
