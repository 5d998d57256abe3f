import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import TestSupport
import TransactionalMessaging

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
        try await overseer.waitForLocks(subjects.count)
        await gate.close()
        return try await acting.value
    }

    /// Asks for payments of the client while something is done that has to be alone with it; answers the statuses.
    ///
    /// `earlier` of them wait for the client before it, and others behind it, when the first goes on; the rest comes
    /// when there are connections.
    func ask(
        _ times: Int, with earlier: Int, before act: @escaping @Sendable () async throws -> Void
    ) async throws -> [Int] {
        let (gate, connections) = (try await holdClient(), database.pool.settings.connections)
        return try await withThrowingTaskGroup(of: Int?.self) { group in
            for _ in 0..<earlier { group.addTask { try await ask().status } }
            try await overseer.waitForLocks(earlier)
            group.addTask {
                try await act()
                return nil
            }
            try await overseer.waitForLocks(earlier + 1)
            for _ in earlier..<times { group.addTask { try await ask().status } }
            try await overseer.waitForLocks(connections)
            await gate.close()
            return try await group.reduce(into: [Int]()) { statuses, status in
                if let status { statuses.append(status) }
            }
        }
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
}
