import Metrics
import PaymentModel
import PostgresClient

/// Removes causes that nobody can repeat any more.
///
/// Nothing depends on when it runs, or whether it does: a row that is still there is one more repetition known. What
/// was removed is remembered as a horizon per consumer group, written in the transaction that removes: an event from
/// before it that the inbox does not know is parked (``Inbox/refuseForgotten(_:of:now:in:)``), never handled blindly.
package struct CauseRetention: Sendable {
    /// How long each kind is known.
    package struct Times: Sendable {
        /// Requests with their answers: how long a caller may repeat one under the same key.
        package var requests: Duration
        /// Runs of jobs and steps of other work.
        package var jobs: Duration
        /// Messages; longer than the journal is kept, so that a replay of all of it is known.
        package var messages: Duration

        /// Times for a service.
        package init(
            requests: Duration = .days(7), jobs: Duration = .days(1), messages: Duration = .days(430)
        ) {
            self.requests = requests
            self.jobs = jobs
            self.messages = max(messages, CauseRetention.messagesMin)
        }
    }

    /// How many rows of each kind were removed.
    package struct Removed: Sendable, Hashable {
        /// Requests with their answers.
        package var requests = 0
        /// Runs of jobs and steps.
        package var jobs = 0
        /// Messages of all consumer groups.
        package var messages = 0
    }

    /// An event younger than this was never removed, so the inbox need not look at the horizon for it.
    static let messagesMin = Duration.days(1)

    /// Batches of one run for each kind; the rest waits for the next run.
    private static let batchesMax = 1_000

    private let database: Database
    private let times: Times
    private let batchRows: Int

    /// Removes by the database's clock source, at most `batchRows` in one transaction.
    package init(_ database: Database, times: Times = Times(), batchRows: Int = 2_000) {
        self.database = database
        self.times = times
        self.batchRows = batchRows
    }

    /// Removes what is past its time.
    @discardableResult
    package func run() async throws -> Removed {
        let now = database.sources.time.now()
        var removed = Removed()
        removed.requests = try await removeAll("request") { rows in
            Self.aged("fingerprint IS NOT NULL", before: now.adding(.zero - times.requests), rows)
        }
        removed.jobs = try await removeAll("job") { rows in
            Self.aged("scope LIKE 'job:%'", before: now.adding(.zero - times.jobs), rows)
        }
        let horizon = Inbox.firstID(at: now.adding(.zero - times.messages))
        for scope in try await scopes() { removed.messages += try await removeMessages(of: scope, before: horizon) }
        return removed
    }

    // MARK: Requests and jobs

    private func removeAll(_ kind: String, _ statement: @escaping @Sendable (Int) -> SQL) async throws -> Int {
        try await inBatches(kind) { [batchRows] transaction in try transaction.execute(statement(batchRows)) }
    }

    /// Rows of one index from the oldest on; what somebody holds is left for the next run.
    ///
    /// By an array, which is made once: joined to a sub-query, all causes may be read for each batch.
    private static func aged(_ condition: SQL, before: Instant, _ rows: Int) -> SQL {
        """
        DELETE FROM cause WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM cause WHERE \(condition) AND occurred_at < \(before)
            ORDER BY occurred_at LIMIT \(rows) FOR UPDATE SKIP LOCKED
        ))
        """
    }

    // MARK: Messages

    /// The scopes of all groups that ever consumed here, each found by one step in the primary key.
    private func scopes() async throws -> [String] {
        try await database.pool.query(
            """
            WITH RECURSIVE step AS (
                (SELECT scope FROM cause WHERE scope >= 'message:' ORDER BY scope LIMIT 1)
                UNION ALL
                SELECT (SELECT cause.scope FROM cause WHERE cause.scope > step.scope ORDER BY cause.scope LIMIT 1)
                FROM step WHERE step.scope IS NOT NULL
            )
            SELECT scope FROM step WHERE scope LIKE 'message:%'
            """
        ) { row in try row("scope") }
    }

    private func removeMessages(of scope: String, before horizon: EventID) async throws -> Int {
        try await inBatches("message") { [batchRows] transaction in
            let count = try transaction.execute(
                """
                DELETE FROM cause WHERE scope = \(scope) AND key = ANY (ARRAY(
                    SELECT key FROM cause WHERE scope = \(scope) AND key < \(horizon.description)
                    ORDER BY key LIMIT \(batchRows)
                ))
                """)
            guard count > 0 else { return 0 }
            try transaction.execute(
                """
                INSERT INTO inbox_horizon AS known (scope, before) VALUES (\(scope), \(horizon))
                ON CONFLICT (scope) DO UPDATE SET before = greatest(known.before, excluded.before)
                """)
            return count
        }
    }

    private func inBatches(
        _ kind: String, _ remove: @escaping @Sendable (inout PostgresTransaction) throws -> Int
    ) async throws -> Int {
        let removed = Counter(label: "quittance_causes_removed", dimensions: [("kind", kind)])
        var total = 0
        for _ in 0..<Self.batchesMax {
            let count = try await database.maintain(organisation: nil, remove)
            removed.increment(by: count)
            total += count
            guard count == batchRows else { break }
        }
        return total
    }
}

/// The event is from before the horizon of the inbox and not in it: whether it was handled is not known any more.
struct ForgottenEvent: Error, CustomStringConvertible {
    var description: String {
        "older than the inbox remembers: if it was handled at its time discard it, otherwise retry it"
    }
}

extension Inbox {
    /// The smallest id that can have been made at a moment.
    static func firstID(at moment: Instant) -> EventID {
        EventID(UInt128(UInt64(max(0, moment.microsecondsSince1970 / 1_000))) << 80)
    }

    /// Refuses events just claimed that may have been handled before the inbox forgot them.
    ///
    /// Runs after the claim: the claim waits for a removal that is under way, and only then is its horizon visible.
    static func refuseForgotten(
        _ fresh: Set<EventID>, of consumer: Consumer, now: Instant, in transaction: inout PostgresTransaction
    ) throws {
        guard let oldest = fresh.min(), oldest < firstID(at: now.adding(.zero - CauseRetention.messagesMin)) else {
            return
        }
        let horizon: EventID? = try transaction.first(
            "SELECT before FROM inbox_horizon WHERE scope = \(scope(ofConsumer: consumer.group))"
        ) { row in try row("before") }
        if let horizon, oldest < horizon { throw ForgottenEvent() }
    }
}

extension Duration {
    fileprivate static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
