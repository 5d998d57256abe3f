package import Logging

/// Connections to one database, each with a thread of its own, shared by all tasks of the process.
///
/// libpq's blocking calls never touch the threads of Swift's pool. A broken connection is replaced; the transaction
/// that was running on it fails with `.connection` (nothing stored) or `.commitUnknown`.
package final class PostgresPool: Sendable {
    /// What the pool was made with.
    package let settings: PostgresSettings
    private let workers: Workers
    private let listener: Listener
    private let logger: Logger
    private let metrics: PoolMetrics

    /// Makes a pool; nothing connects before the first transaction.
    package init(_ settings: PostgresSettings, logger: Logger = Logger(label: "quittance.postgres")) {
        self.settings = settings
        self.logger = logger
        metrics = PoolMetrics(database: settings.database)
        workers = Workers(
            settings, limit: max(settings.connections, 1), reconnection: .replaces, logger: logger, metrics: metrics)
        listener = Listener(settings, logger: logger)
    }

    deinit {
        workers.abandon()
        listener.stop()
    }

    /// Runs a body in a transaction, on the thread of a connection.
    ///
    /// The body may run again when the transaction met others (40001, 40P01) or a prepared statement no longer fits the
    /// schema, so it has no effect outside the transaction. When it throws, nothing is stored and its error is
    /// rethrown.
    @discardableResult
    package func transaction<Answer: Sendable>(
        _ options: TransactionOptions = .readWrite,
        _ body: @escaping @Sendable (inout PostgresTransaction) throws -> Answer
    ) async throws -> Answer {
        try await workers.repeated(options) { $0.run(options, body) }
    }

    /// Runs a body that only reads; its end costs no round trip.
    @discardableResult
    package func read<Answer: Sendable>(
        _ options: TransactionOptions = .readOnly,
        _ body: @escaping @Sendable (inout PostgresTransaction) throws -> Answer
    ) async throws -> Answer {
        try await transaction(options, body)
    }

    /// Runs one statement as a transaction of its own, in one round trip; answers how many rows it touched.
    @discardableResult
    package func execute(_ sql: SQL) async throws -> Int {
        try await workers.repeated(.readWrite) { connection in connection.runAlone(sql, .readWrite).map(\.affected) }
    }

    /// Reads all rows of one short statement; reads that arrive together share a round trip.
    ///
    /// For a report that takes long use `read`: others would wait behind it.
    package func query<Value: Sendable>(
        _ sql: SQL, _ decode: @escaping @Sendable (Row) throws -> Value
    ) async throws -> [Value] {
        guard Worker.current?.serves(workers) != true else {
            return try await workers.repeated(.readOnly) { $0.runAlone(sql, .readOnly).decoded(decode) }
        }
        return try await workers.read(sql, decode)
    }

    /// The pool's threads as a place for a task that lives on the database.
    ///
    /// `withTaskExecutorPreference(pool.executor) { … }`: the task's transactions then run where it runs, without a
    /// hand-over between threads. Such a task holds a connection's thread while it computes, so it should compute
    /// little.
    package var executor: any TaskExecutor { workers }

    /// A connection of one's own, outside the pool's number, for locks that are held longer than a transaction.
    package func session() async throws -> PostgresSession {
        let session = PostgresSession(settings, logger: logger, metrics: metrics)
        try await session.connect()
        return session
    }

    /// The payloads sent to a channel from now on.
    ///
    /// An empty payload comes first and after every reconnection: something may have been missed, look. A reader that
    /// is slow loses the oldest, so a payload is a hint and never the only word.
    package func notifications(_ channel: String, buffering count: Int = 64) -> AsyncStream<String> {
        listener.stream(of: channel, buffering: count)
    }

    /// Takes nothing in, finishes what is in hand within the limit, then closes all connections.
    package func close(within limit: Duration = .seconds(10)) async {
        listener.stop()
        await workers.close(within: limit)
    }
}

/// One connection of one's own; it is never replaced, so its holder learns when its locks are gone.
///
/// A cancelled call ends it as well: the cancel request might otherwise hit the next statement.
package final class PostgresSession: Sendable {
    private let workers: Workers

    init(_ settings: PostgresSettings, logger: Logger, metrics: PoolMetrics) {
        workers = Workers(settings, limit: 1, reconnection: .never, logger: logger, metrics: metrics)
    }

    deinit { workers.abandon() }

    func connect() async throws {
        try await transaction { transaction in
            try transaction.execute("SELECT 1")
            return
        }
    }

    /// Runs a body in a transaction on this connection; every call throws `.connection` once it was lost.
    @discardableResult
    package func transaction<Answer: Sendable>(
        _ options: TransactionOptions = .readWrite,
        _ body: @escaping @Sendable (inout PostgresTransaction) throws -> Answer
    ) async throws -> Answer {
        try await workers.repeated(options) { $0.run(options, body) }
    }

    /// Reads all rows of one statement as a transaction of its own: without `BEGIN` and `COMMIT`, one statement in all.
    package func query<Value: Sendable>(
        _ sql: SQL, _ decode: @escaping @Sendable (Row) throws -> Value
    ) async throws -> [Value] {
        try await workers.repeated(.readOnly) { $0.runAlone(sql, .readOnly).decoded(decode) }
    }

    /// The session's thread as a place for the task that holds it; its transactions run there without a hand-over.
    package var executor: any TaskExecutor { workers }

    /// Closes the connection, and with it every lock it holds.
    package func close(within limit: Duration = .seconds(10)) async { await workers.close(within: limit) }
}
