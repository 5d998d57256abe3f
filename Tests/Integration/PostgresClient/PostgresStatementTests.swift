import PostgresClient
import TestSupport
import Testing

@Suite struct `Prepared statements` {
    @Test func `survive a change of the schema`() async throws {
        try await withFreshDatabase({ $0.connections = 1 }) { pool in
            try await pool.execute("CREATE TABLE item (id int)")
            try await pool.execute("INSERT INTO item VALUES (1)")
            let all: SQL = "SELECT * FROM item"
            #expect(try await pool.query(all) { try $0("id") as Int } == [1])
            try await pool.execute("ALTER TABLE item ALTER COLUMN id TYPE bigint")
            #expect(try await pool.query(all) { try $0("id") as Int } == [1])
            try await pool.execute("ALTER TABLE item ADD COLUMN word text DEFAULT 'w'")
            let words = try await pool.transaction { transaction in
                try transaction.query(all) { try $0("word") as String }
            }
            #expect(words == ["w"])
        }
    }

    @Test func `are prepared again when the server lost them`() async throws {
        try await withFreshDatabase({ $0.connections = 1 }) { pool in
            for _ in 0..<3 {
                #expect(try await pool.number("SELECT 41 + 1") == 42)
                try await pool.execute("DISCARD PLANS")
                try await pool.transaction { try $0.execute("DEALLOCATE ALL") }
                #expect(try await pool.transaction { try $0.one("SELECT 41 + 1") { try $0(0) as Int } } == 42)
            }
        }
    }

    @Test func `are bounded, and told apart by the types of their values`() async throws {
        try await withFreshDatabase({
            $0.connections = 1
            $0.preparedStatementsMax = 8
        }) { pool in
            for round in 0..<60 {
                #expect(try await pool.number("SELECT \(unescaped: "\(round % 20)") + \(1)") == round % 20 + 1)
                #expect(try await pool.query("SELECT \(1)::text AS t") { try $0("t") as String } == ["1"])
                #expect(try await pool.query("SELECT \("a")::text AS t") { try $0("t") as String } == ["a"])
            }
            let prepared = try await pool.number("SELECT count(*) FROM pg_prepared_statements")
            #expect(prepared <= 9)
        }
    }

    @Test func `that cannot be prepared leave no trace`() async throws {
        try await withFreshDatabase({ $0.connections = 1 }) { pool in
            for _ in 0..<3 {
                let failure = try await pool.failure { try $0.execute("SELECT nothing FROM nowhere") }
                #expect(failure?.sqlState == .undefinedTable)
            }
            try await pool.execute("CREATE TABLE nowhere (nothing int)")
            try await pool.transaction { try $0.execute("SELECT nothing FROM nowhere") }
        }
    }
}
