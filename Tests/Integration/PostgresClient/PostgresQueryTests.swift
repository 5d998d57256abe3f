import PostgresClient
import TestSupport
import Testing

@Suite struct `Queries that share a round trip` {
    private static let number: @Sendable (Row) throws -> Int = { try $0(0) }

    @Test func `answer each its own value, in their order`() async throws {
        try await withFreshDatabase { pool in
            let answer = try await pool.read { transaction in
                let (all, first, none, isThere, known) = try transaction.read(
                    Query.all("SELECT * FROM generate_series(1, 3)", Self.number), Query.first("SELECT 7", Self.number),
                    Query.first("SELECT 1 WHERE false", Self.number), Query.exists("SELECT WHERE true"),
                    Query.known("no statement"))
                return "\(all) \(String(describing: first)) \(String(describing: none)) \(isThere) \(known)"
            }
            #expect(answer == "[1, 2, 3] Optional(7) nil true no statement")
        }
    }

    @Test func `are put together of others, each with its own rows`() async throws {
        try await withFreshDatabase { pool in
            let (sums, last) = try await pool.read { transaction in
                let pair = Query.all("SELECT * FROM generate_series(1, 4)", Self.number)
                    .with(Query.first("SELECT 90", Self.number)) { $0.reduce(0, +) + ($1 ?? 0) }
                return try transaction.read(pair.with(pair) { [$0, $1] }, Query.first("SELECT 5", Self.number))
            }
            #expect(sums == [100, 100])
            #expect(last == 5)
        }
    }

    /// What C-06 and C-28 rest on: who waited for a lock decides on what was committed meanwhile.
    @Test func `see behind a lock what the lock had to wait for`() async throws {
        try await withFreshDatabase { pool in
            try await pool.execute("CREATE TABLE head (id int PRIMARY KEY)")
            try await pool.execute("CREATE TABLE part (head int, word text)")
            try await pool.execute("INSERT INTO head VALUES (1)")
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            let writer = Task {
                defer { begin.finish() }
                try await pool.transaction { transaction in
                    try transaction.execute("SELECT FROM head WHERE id = 1 FOR UPDATE")
                    try transaction.execute("INSERT INTO part VALUES (1, 'late')")
                    begin.yield()
                    try transaction.waitUntilWaitedFor()
                }
            }
            for await _ in begun { break }
            let words = try await pool.transaction { transaction in
                let (head, words) = try transaction.read(
                    Query.first("SELECT id FROM head WHERE id = 1 FOR UPDATE", Self.number),
                    Query.all("SELECT word FROM part WHERE head = 1") { try $0(0) as String })
                return (head, words)
            }
            try await writer.value
            #expect(words.0 == 1)
            #expect(words.1 == ["late"])
        }
    }

    @Test func `fail together, and nothing of the transaction is stored`() async throws {
        try await withFreshDatabase { pool in
            try await pool.execute("CREATE TABLE word (word text)")
            let failure = try await pool.failure { transaction in
                transaction.executeLater("INSERT INTO word VALUES ('one')")
                _ = try transaction.read(Query.exists("SELECT 1"), Query.first("SELECT 1 / 0", Self.number))
            }
            #expect(failure?.sqlState == .init(rawValue: "22012"))
            #expect(try await pool.number("SELECT count(*) FROM word") == 0)
        }
    }
}
