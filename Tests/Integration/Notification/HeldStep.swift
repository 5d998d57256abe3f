import NotificationService
import NotificationWorld
import PostgresClient
import TestSupport

/// A step of a worker that a test holds inside its transaction.
enum HeldStep {
    /// A message is claimed.
    case claim
    /// What was taken and not begun is put back.
    case putBack
    /// A gateway begins to rest.
    case rest
    /// It is given back the one try after its rest.
    case giveBack
    /// What waits for a resting gateway goes to the next.
    case move

    fileprivate var table: SQL {
        switch self {
        case .claim, .putBack, .move: "message"
        case .rest, .giveBack: "gateway_account"
        }
    }

    fileprivate var condition: SQL {
        switch self {
        case .claim: "OLD.state = 'ready' AND NEW.state = 'claimed'"
        case .putBack: "\(Self.isUntried) AND NEW.next_try_at < OLD.next_try_at"
        case .rest: "OLD.rests_until IS NULL AND NEW.rests_until IS NOT NULL"
        case .giveBack: "NEW.rests_until < OLD.rests_until"
        case .move: "\(Self.isUntried) AND NEW.route <> OLD.route"
        }
    }

    private static let isUntried: SQL = "OLD.state = 'ready' AND NEW.state = 'ready' AND NEW.tries = 0"
}

/// What becomes of a dead worker's last order, that to commit, which the database has already.
enum LastOrder: CaseIterable {
    /// The database notices that its client is gone.
    case lost
    /// It does not, and goes on.
    case carriedOut
}

/// Holds every step of a kind; there is one at a time in a database.
struct StepHold: Sendable {
    private let step: HeldStep
    /// The superuser's connections.
    private let owner: PostgresPool
    /// Whose lock the step waits for.
    private let gate: PostgresSession

    init(_ step: HeldStep, of stack: NotificationStack) async throws {
        var settings = stack.settings
        settings.searchPath = NotificationService.schema
        let owner = PostgresPool(settings, logger: NotificationStack.logger)
        let gate = try await owner.session()
        try await gate.transaction { transaction in try transaction.execute("SELECT pg_advisory_lock(4814)") }
        // Shared: two that are let go of do not wait for each other.
        try await owner.execute(
            """
            CREATE OR REPLACE FUNCTION hold_step() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock_shared(4814);
                RETURN NEW;
            END $$
            """)
        try await owner.execute(
            """
            CREATE TRIGGER hold_step BEFORE UPDATE ON \(step.table)
            FOR EACH ROW WHEN (\(step.condition)) EXECUTE FUNCTION hold_step()
            """)
        (self.step, self.owner, self.gate) = (step, owner, gate)
    }

    func waitUntilReached() async throws {
        try await waitUntil("a worker stands in the step '\(step)'") { try await !held().isEmpty }
    }

    /// Kills the worker that stands there, and waits until the database has done with what it was told last.
    func end(killing worker: ServiceChild, _ order: LastOrder) async throws {
        try await worker.kill()
        let sessions = try await held()
        if order == .lost {
            for session in sessions { try await owner.execute("SELECT pg_terminate_backend(\(session))") }
            try await waitUntilGone(sessions)
        }
        await gate.close()
        try await waitUntilGone(sessions)
        try await close()
    }

    /// Lets go of who stands there.
    func release() async throws {
        await gate.close()
        try await close()
    }

    private func close() async throws {
        try await owner.execute("DROP TRIGGER hold_step ON \(step.table)")
        await owner.close()
    }

    /// The database's processes that stand in the step.
    private func held() async throws -> [Int32] {
        try await owner.query(
            """
            SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 4814 AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        ) { row in try row("pid") }
    }

    private func waitUntilGone(_ sessions: [Int32]) async throws {
        try await waitUntil("the database has done with the dead worker") {
            try await owner.query("SELECT pid FROM pg_stat_activity WHERE pid = ANY(\(sessions))") { row in
                try row("pid") as Int32
            }.isEmpty
        }
    }
}
