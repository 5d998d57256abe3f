import NotificationWorld
import PaymentOrchestratorService
import PostgresClient
import TestSupport

/// A change that a test holds inside its transaction.
enum HeldChange: Sendable {
    case request, opening, acceptance, cancellation, pendingRefund, completedRefund, alarm, account
    /// A call about plans is kept for a payment to come, or taken over by it.
    case keptPlans, takenPlans

    private var table: SQL {
        switch self {
        case .request, .acceptance, .cancellation, .alarm: "payment"
        case .opening: "attempt"
        case .pendingRefund, .completedRefund: "refund"
        case .account: "provider_account"
        case .keptPlans, .takenPlans: "asked_plans"
        }
    }

    private var moment: SQL {
        switch self {
        case .request, .keptPlans: "BEFORE INSERT"
        case .takenPlans: "BEFORE DELETE"
        case .opening, .acceptance, .cancellation, .pendingRefund, .completedRefund, .alarm, .account: "BEFORE UPDATE"
        }
    }

    private var condition: SQL {
        switch self {
        case .request, .keptPlans, .takenPlans: "true"
        case .opening: "NEW.state = 'open' AND OLD.state <> 'open'"
        case .acceptance: "NEW.state = 'accepted' AND OLD.state <> 'accepted'"
        case .cancellation: "NEW.state = 'cancelled' AND OLD.state <> 'cancelled'"
        case .pendingRefund: "NEW.state = 'pending'"
        case .completedRefund: "NEW.state = 'completed' AND OLD.state <> 'completed'"
        case .alarm: "NEW.alarms <> OLD.alarms"
        case .account: "NEW.failed_at IS DISTINCT FROM OLD.failed_at"
        }
    }

    fileprivate var trigger: SQL {
        "CREATE TRIGGER hold \(moment) ON \(table) FOR EACH ROW WHEN (\(condition)) EXECUTE FUNCTION hold_on()"
    }

    fileprivate var end: SQL { "DROP TRIGGER hold ON \(table)" }
}

extension MortalPayments {
    /// Lives until a change of this kind has begun, and dies before it is committed.
    func live(untilInside change: HeldChange) async throws { try await die(inside: change) { try await live() } }

    /// Acts until so many changes of this kind have begun, and dies before one of them is committed.
    func die(inside change: HeldChange, of count: Int64 = 1, _ act: () async throws -> Void) async throws {
        try await overseeing { overseer in
            // A deletion has no new row.
            _ = try await overseer.execute(
                """
                CREATE OR REPLACE FUNCTION hold_on() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_sleep(60); RETURN coalesce(NEW, OLD); END $$
                """)
            _ = try await overseer.execute(change.trigger)
            try await act()
            try await waitUntil("the change is made and not committed", within: .seconds(60)) {
                try await overseer.held() >= count
            }
            try await die()
            // The order to commit is with the server already, which would go on without its client.
            _ = try await overseer.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE wait_event = 'PgSleep' AND datname = current_database()
                """)
            try await waitUntil("the change is undone") { try await overseer.held() == 0 }
            _ = try await overseer.execute(change.end)
        }
    }

    /// Does all of these at once, and dies inside the change that each of them comes to.
    func die(inside change: HeldChange, doing acts: [@Sendable () async -> Void]) async throws {
        var tasks: [Task<Void, Never>] = []
        try await die(inside: change, of: Int64(acts.count)) { tasks = acts.map { act in Task { await act() } } }
        // What they were answered is not looked at.
        for task in tasks { await task.value }
    }

    func overseeing<Answer>(_ act: (PostgresPool) async throws -> Answer) async throws -> Answer {
        var settings = stack.settings
        settings.searchPath = PaymentOrchestratorService.schema
        let overseer = PostgresPool(settings, logger: NotificationStack.logger)
        let answer = try await act(overseer)
        await overseer.close()
        return answer
    }
}

extension PostgresPool {
    func numbers(_ sql: SQL) async throws -> [Int64] {
        try await query(sql) { row in try row("number") }
    }

    /// How many changes are held.
    fileprivate func held() async throws -> Int64 {
        try await numbers(
            """
            SELECT count(*) AS number FROM pg_stat_activity
            WHERE wait_event = 'PgSleep' AND datname = current_database()
            """
        ).reduce(0, +)
    }
}
