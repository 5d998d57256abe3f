import Foundation
import PostgresClient
import TestSupport

/// What the face of libpq is measured by: the same SQL on the same server, by PostgreSQL's own programs.
struct PostgresComparisons: Sendable {
    private let cluster: PrivatePostgres
    private let settings: PostgresSettings
    private let time: Duration
    private let rows: Int

    private static let payload = String(repeating: "x", count: 200)

    /// Starts a cluster whose commits reach the disk, with a table of so many rows to read.
    init(time: Duration, rows: Int) async throws {
        (self.time, self.rows) = (time, rows)
        cluster = try await PrivatePostgres.start(.durable)
        settings = try await cluster.database()
        let pool = PostgresPool(settings)
        try await pool.execute(
            "CREATE TABLE written (id bigserial PRIMARY KEY, key bigint NOT NULL, body text NOT NULL)")
        try await pool.execute("CREATE TABLE loaded (id bigint PRIMARY KEY, body text NOT NULL)")
        try await pool.execute("CREATE TABLE stored (id bigint PRIMARY KEY, body text NOT NULL)")
        try await pool.execute(
            "INSERT INTO stored SELECT n, \(Self.payload) FROM generate_series(1, \(Int32(rows))) AS n")
        try await pool.execute("VACUUM ANALYZE stored")
        await pool.close()
    }

    func run(connections: [Int], turns: Int) async throws {
        for count in connections {
            try await insert(connections: count).run(turns: turns)
            try await insertInPlace(connections: count).run(turns: turns)
            try await transaction(connections: count).run(turns: turns)
            try await select(connections: count).run(turns: turns)
            try await selectInPlace(connections: count).run(turns: turns)
        }
        try await sharedReads().run(turns: turns)
        for comparison in try bulk() { try await comparison.run(turns: turns) }
    }

    // MARK: One row

    private static let insertScript = """
        \\set key random(1, 1000000)
        INSERT INTO written (key, body) VALUES (:key, '\(payload)');
        """

    private static func insertOne(_ pool: PostgresPool) async throws {
        try await pool.execute(
            "INSERT INTO written (key, body) VALUES (\(Int.random(in: 1...1_000_000)), \(payload))")
    }

    private func insert(connections: Int) -> Comparison {
        againstPgbench("insert, a statement", connections, Self.insertScript) { try await Self.insertOne($0) }
    }

    private func insertInPlace(connections: Int) -> Comparison {
        againstPgbench("insert, a statement, in place", connections, Self.insertScript, inPlace: true) {
            try await Self.insertOne($0)
        }
    }

    private func transaction(connections: Int) -> Comparison {
        let script = """
            \\set key random(1, 1000000)
            BEGIN;
            INSERT INTO written (key, body) VALUES (:key, '\(Self.payload)');
            COMMIT;
            """
        return againstPgbench("insert, BEGIN and COMMIT", connections, script) { pool in
            _ = try await pool.transaction { transaction in
                try transaction.execute(
                    "INSERT INTO written (key, body) VALUES (\(Int.random(in: 1...1_000_000)), \(Self.payload))")
            }
        }
    }

    private func select(connections: Int) -> Comparison {
        againstPgbench("select by key", connections, selectScript) { pool in try await readOne(pool) }
    }

    private func selectInPlace(connections: Int) -> Comparison {
        againstPgbench("select by key, in place", connections, selectScript, inPlace: true) {
            try await readOne($0)
        }
    }

    private var selectScript: String {
        """
        \\set id random(1, \(rows))
        SELECT body FROM stored WHERE id = :id;
        """
    }

    private func readOne(_ pool: PostgresPool) async throws {
        let found = try await pool.query("SELECT body FROM stored WHERE id = \(Int.random(in: 1...rows))") {
            try $0(0) as String
        }
        guard found.count == 1 else { throw TestSupportError("a row is missing") }
    }

    /// `inPlace` has the tasks live on the pool's threads, so that nothing is handed over.
    private func againstPgbench(
        _ name: String, _ connections: Int, _ script: String, inPlace: Bool = false,
        _ body: @escaping @Sendable (PostgresPool) async throws -> Void
    ) -> Comparison {
        Comparison(
            name: "\(name), \(connections) connections", unit: "tx/s", peerName: "pgbench",
            peer: { try await pgbench(script, connections) },
            ours: {
                try await withPool(connections) { pool in
                    let executor = inPlace ? pool.executor : nil
                    return try await rate(tasks: connections, for: time, on: executor) { _ in try await body(pool) }
                }
            })
    }

    /// 128 tasks that read at once on four connections; the peer has a connection for each of 32 clients.
    private func sharedReads() -> Comparison {
        Comparison(
            name: "select by key, 128 tasks on 4 connections", unit: "reads/s", peerName: "pgbench on 32",
            peer: { try await pgbench(selectScript, 32) },
            ours: {
                try await withPool(4) { pool in
                    try await rate(tasks: 128, for: time) { _ in try await readOne(pool) }
                }
            })
    }

    // MARK: Many rows

    private func bulk() throws -> [Comparison] {
        let path = "\(cluster.folder)/rows.tsv"
        let lines = (1...rows).map { "\($0)\t\(Self.payload)\n" }.joined()
        try lines.write(toFile: path, atomically: true, encoding: .utf8)
        let peer: @Sendable () async throws -> Double = {
            try await rowsPerSecond {
                try await cluster.program(
                    "psql", ["-q", "-d", settings.database, "-c", "\\copy loaded FROM '\(path)'"])
            }
        }
        return [
            Comparison(
                name: "\(rows) rows by COPY", unit: "rows/s", peerName: "psql \\copy", peer: peer,
                ours: { try await withPool(1) { pool in try await rowsPerSecond { try await copy(pool) } } }),
            Comparison(
                name: "\(rows) rows by arrays of 1,000", unit: "rows/s", peerName: "psql \\copy", peer: peer,
                ours: { try await withPool(1) { pool in try await rowsPerSecond { try await unnest(pool) } } }),
        ]
    }

    private func copy(_ pool: PostgresPool) async throws {
        try await pool.transaction { transaction in
            try transaction.copyIn("COPY loaded (id, body) FROM STDIN", of: 1...rows) { id, line in
                line.append(id)
                line.append(Self.payload)
            }
        }
    }

    private func unnest(_ pool: PostgresPool) async throws {
        try await pool.transaction { transaction in
            for first in stride(from: 1, through: rows, by: 1_000) {
                let ids = Array(first...min(first + 999, rows))
                let bodies = Array(repeating: Self.payload, count: ids.count)
                try transaction.execute("INSERT INTO loaded SELECT * FROM unnest(\(ids), \(bodies))")
            }
        }
    }

    private func rowsPerSecond(_ load: () async throws -> Void) async throws -> Double {
        try await withPool(1) { try await $0.execute("TRUNCATE loaded") }
        let start = ContinuousClock.now
        try await load()
        return Double(rows) / ((ContinuousClock.now - start) / .seconds(1))
    }

    // MARK: Tools

    @discardableResult
    private func withPool<Answer>(_ connections: Int, _ body: (PostgresPool) async throws -> Answer) async throws
        -> Answer
    {
        var settings = settings
        settings.connections = connections
        let pool = PostgresPool(settings)
        let answer = try await body(pool)
        await pool.close()
        return answer
    }

    private func pgbench(_ script: String, _ connections: Int) async throws -> Double {
        let path = "\(cluster.folder)/script.sql"
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        let threads = min(connections, 2)
        let printed = try await cluster.program(
            "pgbench",
            [
                "-n", "-M", "prepared", "-c", "\(connections)", "-j", "\(threads)", "-T", "\(time.components.seconds)",
                "-f", path, settings.database,
            ])
        guard let line = printed.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let figure = Double(line.dropFirst(6).prefix { $0 != " " })
        else { throw TestSupportError("pgbench printed no figure: \(printed)") }
        return figure
    }
}
