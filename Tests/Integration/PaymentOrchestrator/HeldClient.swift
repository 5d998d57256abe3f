import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport

extension PaymentBench {
    /// Does things of the client's at one moment: all of them wait for the client before the first goes on.
    func together<Subject: Sendable, Answer: Sendable>(
        _ subjects: [Subject], _ act: @escaping @Sendable (Subject) async throws -> Answer
    ) async throws -> [Answer] {
        let gate = try await holdClient()
        let acting = Task {
            try await withThrowingTaskGroup(of: Answer.self) { group in
                for subject in subjects { group.addTask { try await act(subject) } }
                return try await group.reduce(into: [Answer]()) { $0.append($1) }
            }
        }
        try await waitUntil("all of them wait for the client") { try await waitingForLocks() == subjects.count }
        await gate.close()
        return try await acting.value
    }

    /// Nobody writes anything of the client before the session is closed.
    func holdClient() async throws -> PostgresSession {
        let session = try await overseer.session()
        try await session.transaction { transaction in
            _ = try transaction.execute(
                """
                SELECT pg_advisory_lock(hashtext('payments-client'), hashtext(\(PaymentBench.client.description)))
                """)
        }
        return session
    }

    /// How many wait for a client, or for something else that is held by name.
    func waitingForLocks() async throws -> Int {
        let counts = try await overseer.query(
            """
            SELECT count(*) AS number FROM pg_locks JOIN pg_database ON pg_database.oid = database
            WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
            """
        ) { row in try row("number") as Int }
        return counts.first ?? 0
    }
}
