package import PostgresClient

/// Which instance does what only one may do: whoever's session holds the advisory lock.
///
/// The lock ends with the session, so a dead leader is replaced without a time-out of ours. Each role has a leader of
/// its own: a worker that led all would keep from the server the jobs only the server has.
package actor Leadership {
    private let pool: PostgresPool
    private let role: ProcessRole
    private var session: PostgresSession?
    private var attempt: Task<Bool, Never>?
    private var known: (leads: Bool, until: ContinuousClock.Instant)?

    /// How long an answer holds: jobs may ask many times a second, and a look costs a query or a connection.
    private static let answerHolds = Duration.seconds(1)

    /// Leadership among the instances of this role, asked for over sessions of this pool.
    package init(pool: PostgresPool, of role: ProcessRole) {
        self.pool = pool
        self.role = role
    }

    /// Whether this instance leads now; tries to when nobody does.
    ///
    /// Callers at the same time share one look.
    package func holds() async -> Bool {
        if let known, ContinuousClock.now < known.until { return known.leads }
        if let attempt { return await attempt.value }
        let attempt = Task { await look() }
        self.attempt = attempt
        let leads = await attempt.value
        self.attempt = nil
        known = (leads, .now + Self.answerHolds)
        return leads
    }

    private func look() async -> Bool {
        if let session {
            do {
                _ = try await session.query("SELECT 1") { _ in true }
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
        let role = role.rawValue
        let isTaken = try? await candidate.transaction { transaction in
            try transaction.one(
                "SELECT pg_try_advisory_lock(hashtext(current_schema() || '.jobs'), hashtext(\(role))) AS taken"
            ) { row in try row("taken") as Bool }
        }
        guard isTaken == true else {
            await candidate.close(within: .zero)
            return false
        }
        session = candidate
        return true
    }
}
