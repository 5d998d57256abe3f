import Logging
import Observability
import PostgresClient
import ServiceLifecycle
import TransactionalMessaging

/// Does nothing but hold its place in the order, and closes something when its turn to stop comes.
struct Closing: ServiceLifecycle.Service {
    let name: String
    let close: @Sendable () async -> Void

    init(name: String, _ close: @escaping @Sendable () async -> Void) {
        self.name = name
        self.close = close
    }

    func run() async throws {
        try? await gracefulShutdown()
        await close()
    }
}

/// Keeps work going that should never end, and starts it again when it does.
struct BackgroundRunner: ServiceLifecycle.Service {
    private let work: Background
    private let logger: Logger

    private static let firstWait = Duration.milliseconds(200)
    private static let waitMax = Duration.seconds(30)

    init(_ work: Background, logger: Logger) {
        self.work = work
        self.logger = logger
    }

    func run() async throws {
        var wait = Self.firstWait
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            let start = ContinuousClock.now
            do {
                try await cancelWhenGracefulShutdown { try await work.run() }
            } catch {
                guard !Task.isCancelled, !Task.isShuttingDownGracefully else { return }
                logger.error(
                    "background work failed and is started again",
                    metadata: [LogField.job: .string(work.name), LogField.reason: .string("\(error)")])
            }
            // What ran well for a while begins anew with a short wait.
            wait = ContinuousClock.now - start > Self.waitMax ? Self.firstWait : min(wait * 2, Self.waitMax)
            try? await cancelWhenGracefulShutdown { [wait] in try await Task.sleep(for: wait) }
        }
    }
}

/// Holds a process back until its schema is what it was written for.
///
/// A consumer that runs on an older schema would take each event for poison and park it.
struct SchemaGate {
    let pool: PostgresPool
    let logger: Logger

    private static let waitMax = Duration.seconds(5)

    func wait(for migrations: [Migration]) async throws {
        var wait = Duration.milliseconds(100)
        while true {
            do {
                let pending = try await Migrator(pool, logger: logger).pending(migrations)
                guard !pending.isEmpty else { return }
                report("the schema lacks \(pending.joined(separator: ", "))", remedy: "run the command migrate")
            } catch let error as PostgresError where error.isTransient {
                report("\(error)", remedy: "check that the database runs and the settings name it")
            }
            try await Task.sleep(for: wait)
            wait = min(wait * 2, Self.waitMax)
        }
    }

    private func report(_ reason: String, remedy: String) {
        logger.warning(
            "waiting for the database",
            metadata: [LogField.reason: .string(Secret.redacting(reason)), LogField.remedy: .string(remedy)])
    }
}

/// Which instance does what only one may do: whoever's session holds the advisory lock.
///
/// The lock ends with the session, so a dead leader is replaced without a time-out of ours.
actor Leadership {
    private let pool: PostgresPool
    private var session: PostgresSession?
    private var attempt: Task<Bool, Never>?

    init(pool: PostgresPool) { self.pool = pool }

    /// Whether this instance leads now; tries to when nobody does.
    ///
    /// Callers at the same time share one look.
    func holds() async -> Bool {
        if let attempt { return await attempt.value }
        let attempt = Task { await look() }
        self.attempt = attempt
        defer { self.attempt = nil }
        return await attempt.value
    }

    private func look() async -> Bool {
        if let session {
            do {
                try await session.transaction { transaction in _ = try transaction.execute("SELECT 1") }
                return true
            } catch {
                self.session = nil
                await session.close(within: .zero)
            }
        }
        return await take()
    }

    private func take() async -> Bool {
        guard let candidate = try? await pool.session() else { return false }
        let isTaken = try? await candidate.transaction { transaction in
            try transaction.one("SELECT pg_try_advisory_lock(hashtext(current_schema() || '.jobs'), 0) AS taken") {
                row in try row("taken") as Bool
            }
        }
        guard isTaken == true else {
            await candidate.close(within: .zero)
            return false
        }
        session = candidate
        return true
    }
}
