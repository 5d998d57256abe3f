package import PostgresClient

extension PostgresTransaction {
    /// Goes on as soon as somebody waits for what this transaction has locked; fails when nobody does in time.
    package mutating func waitUntilWaitedFor() throws {
        for _ in 0..<2_000 {
            let isWaitedFor = try one(
                """
                SELECT EXISTS (
                    SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))) AS waits
                """
            ) { row in try row("waits") as Bool }
            if isWaitedFor { return }
            try execute("SELECT pg_sleep(0.01)")
        }
        throw TestSupportError("nobody waits for what the transaction has locked")
    }
}
