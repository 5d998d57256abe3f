import PostgresClient
import TestSupport
import Testing

// A transaction that is copied, kept or used after its body is not tested here: `~Copyable` and `inout` make each of
// these an error of the compiler, and a body that awaits is one as well.

@Suite struct `A transaction` {
    private struct Refused: Error {}

    private func withTable(_ body: (PostgresPool) async throws -> Void) async throws {
        try await withFreshDatabase { pool in
            try await pool.execute("CREATE TABLE entry (id bigint CONSTRAINT entry_pkey PRIMARY KEY, word text)")
            try await body(pool)
        }
    }

    @Test func `stores all or nothing`() async throws {
        try await withTable { pool in
            try await pool.transaction { transaction in
                try transaction.execute("INSERT INTO entry VALUES (1, 'one')")
                try transaction.execute("INSERT INTO entry VALUES (2, 'two')")
            }
            await #expect(throws: Refused.self) {
                try await pool.transaction { transaction in
                    try transaction.execute("INSERT INTO entry VALUES (3, 'three')")
                    throw Refused()
                }
            }
            #expect(try await pool.number("SELECT count(*) FROM entry") == 2)
        }
    }

    @Test func `whose body swallowed a failure is not stored and says so`() async throws {
        try await withTable { pool in
            let failure = try await pool.failure { transaction in
                try transaction.execute("INSERT INTO entry VALUES (1, 'one')")
                _ = try? transaction.execute("INSERT INTO entry VALUES (1, 'again')")
            }
            #expect(failure?.isUniqueViolation(of: "entry_pkey") == true)
            #expect(try await pool.number("SELECT count(*) FROM entry") == 0)
        }
    }

    @Test func `undoes a savepoint alone when its body throws`() async throws {
        try await withTable { pool in
            try await pool.transaction { transaction in
                try transaction.execute("INSERT INTO entry VALUES (1, 'kept')")
                try? transaction.savepoint { inner in
                    try inner.execute("INSERT INTO entry VALUES (2, 'lost')")
                    try inner.execute("INSERT INTO entry VALUES (1, 'twice')")
                }
                try transaction.savepoint { inner in
                    try inner.execute("INSERT INTO entry VALUES (3, 'kept')")
                    try? inner.savepoint { innermost in
                        try innermost.execute("INSERT INTO entry VALUES (4, 'lost')")
                        throw Refused()
                    }
                }
                try? transaction.savepoint { _ in throw Refused() }
                transaction.executeLater("INSERT INTO entry VALUES (5, 'kept')")
                try? transaction.savepoint { inner in
                    inner.executeLater("INSERT INTO entry VALUES (6, 'lost')")
                    throw Refused()
                }
            }
            #expect(try await pool.query("SELECT id FROM entry ORDER BY id") { try $0("id") as Int } == [1, 3, 5])
        }
    }

    @Test func `runs many statements in one round trip and stops at the first that fails`() async throws {
        try await withTable { pool in
            let touched = try await pool.transaction { transaction in
                try transaction.pipeline((1...500).map { "INSERT INTO entry VALUES (\($0), \("w"))" })
            }
            #expect(touched == Array(repeating: 1, count: 500))
            let failure = try await pool.failure { transaction in
                try transaction.pipeline([
                    "UPDATE entry SET word = 'changed'", "INSERT INTO entry VALUES (1, 'twice')", "DELETE FROM entry",
                ])
            }
            #expect(failure?.sqlState == .uniqueViolation)
            #expect(try await pool.number("SELECT count(*) FROM entry WHERE word = 'w'") == 500)
        }
    }

    @Test func `with a large pipeline in both directions does not stand still`() async throws {
        try await withFreshDatabase { pool in
            let long = String(repeating: "x", count: 20_000)
            let counts = try await pool.transaction { transaction in
                try transaction.pipeline((0..<400).map { _ in "SELECT \(long)::text" })
            }
            #expect(counts.count == 400)
        }
    }

    @Test func `sends what was put off with its commit, and stores nothing when that fails`() async throws {
        try await withTable { pool in
            try await pool.transaction { $0.executeLater("INSERT INTO entry VALUES (1, 'later')") }
            let failure = try await pool.failure { transaction in
                try transaction.execute("INSERT INTO entry VALUES (2, 'lost')")
                transaction.executeLater("INSERT INTO entry VALUES (1, 'twice')")
            }
            #expect(failure?.isUniqueViolation(of: "entry_pkey") == true)
            #expect(try await pool.query("SELECT id FROM entry") { try $0("id") as Int } == [1])
        }
    }

    @Test func `that fails only when it commits says which constraint`() async throws {
        try await withTable { pool in
            try await pool.execute(
                """
                CREATE TABLE note (entry bigint CONSTRAINT note_of_entry REFERENCES entry DEFERRABLE INITIALLY DEFERRED)
                """)
            let failure = try await pool.failure { try $0.execute("INSERT INTO note VALUES (99)") }
            #expect(failure?.isForeignKeyViolation(of: "note_of_entry") == true)
            #expect(try await pool.number("SELECT count(*) FROM note") == 0)
        }
    }

    @Test func `that only reads cannot write`() async throws {
        try await withTable { pool in
            let failure = try await pool.failure(.readOnly) { try $0.execute("INSERT INTO entry VALUES (1)") }
            #expect(failure?.sqlState == .readOnlyTransaction)
            for _ in 0..<20 {
                #expect(try await pool.read { try $0.one("SELECT count(*) FROM entry") { try $0(0) as Int } } == 0)
            }
        }
    }

    @Test func `has settings of its own that the next one does not see`() async throws {
        try await withFreshDatabase({ $0.connections = 1 }) { pool in
            let organisation: SQL = "SELECT coalesce(current_setting('quittance.organisation', true), '') AS value"
            let inside = try await pool.read(.readOnly.setting("quittance.organisation", to: "7")) { transaction in
                try transaction.one(organisation) { try $0("value") as String }
            }
            let after = try await pool.read { try $0.one(organisation) { try $0("value") as String } }
            #expect(inside == "7")
            #expect(after == "")
        }
    }

    @Test func `that its body ended itself is refused`() async throws {
        try await withTable { pool in
            let failure = try await pool.failure { transaction in
                try transaction.execute("INSERT INTO entry VALUES (1, 'one')")
                try transaction.execute("COMMIT")
            }
            #expect(failure?.kind == .usage)
        }
    }

    @Test func `loads rows in bulk`() async throws {
        try await withTable { pool in
            let loaded = try await pool.transaction { transaction in
                try transaction.copyIn("COPY entry (id, word) FROM STDIN", of: 0..<50_000) { id, line in
                    line.append(id)
                    line.append("word \(id)")
                }
            }
            #expect(loaded == 50_000)
            let failure = try await pool.failure { transaction in
                try transaction.copyIn("COPY entry FROM STDIN", rows: [[60_000, "a"], [1, "twice"]])
            }
            #expect(failure?.isUniqueViolation(of: "entry_pkey") == true)
            let wrong = try await pool.failure { try $0.copyIn("SELECT 1", rows: []) }
            #expect(wrong?.kind == .usage)
            #expect(try await pool.number("SELECT count(*) FROM entry") == 50_000)
        }
    }
}
