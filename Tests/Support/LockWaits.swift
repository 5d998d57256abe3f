package import PostgresClient

extension PostgresPool {
    /// How many sessions of the database wait for a lock; whoever is no superuser sees only those of its own role.
    package func waitingForLocks() async throws -> Int {
        let counts = try await query(
            """
            SELECT count(*) AS number FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """
        ) { row in try row("number") as Int }
        return counts.first ?? 0
    }

    /// Waits until so many sessions of the database wait for a lock: in a database of a test's own, all it started.
    package func waitForLocks(_ count: Int) async throws {
        try await waitUntil("\(count) sessions wait for a lock") { try await waitingForLocks() == count }
    }

    /// How often transactions of the database waited for each other in a circle; for a superuser.
    ///
    /// A session may say what it met only when it ends: those of other roles are waited for, and MUST have been told
    /// to end, so that a test closes what it has itself opened as the service's role.
    package func deadlocks() async throws -> Int {
        try await waitUntil("the sessions of other roles are gone") {
            let others = try await query(
                """
                SELECT count(*) AS number FROM pg_stat_activity
                WHERE datname = current_database() AND backend_type = 'client backend' AND usename <> current_user
                """
            ) { row in try row("number") as Int }
            return others == [0]
        }
        let counts = try await query(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ) { row in try row("deadlocks") as Int }
        guard let count = counts.first else { throw TestSupportError("the server counts nothing of the database") }
        return count
    }
}

extension PostgresTransaction {
    /// Goes on as soon as so many wait for what this transaction has locked; fails when they do not in time.
    package mutating func waitUntilWaitedFor(by sessions: Int = 1) throws {
        for _ in 0..<2_000 {
            let waiting = try one(
                """
                SELECT count(*) AS waiting FROM pg_locks
                WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
                """
            ) { row in try row("waiting") as Int }
            if waiting >= sessions { return }
            try execute("SELECT pg_sleep(0.01)")
        }
        throw TestSupportError("fewer than \(sessions) wait for what the transaction has locked")
    }
}
