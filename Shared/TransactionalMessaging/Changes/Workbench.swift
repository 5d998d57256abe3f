package import PaymentModel
package import PostgresClient

/// A connection of one's own, with temporary tables in which much is laid out before one transaction takes it.
///
/// What is laid out is seen by nobody else and gone with the connection, however the process ends. It is outside the
/// pool's number, so whoever opens one MUST limit how many there are at once.
package final class Workbench: Sendable {
    private let database: Database
    private let session: PostgresSession
    private let organisation: OrganisationID
    private let limit: Duration

    fileprivate init(
        _ database: Database, _ session: PostgresSession, _ organisation: OrganisationID, within limit: Duration
    ) {
        (self.database, self.session, self.organisation, self.limit) = (database, session, organisation, limit)
    }

    /// Lays something out; it is no change and announces nothing.
    @discardableResult
    package func prepare<Result: Sendable>(
        _ body: @escaping @Sendable (inout PostgresTransaction) throws -> Result
    ) async throws -> Result {
        try await session.transaction(options, body)
    }

    /// A change that takes what was laid out; otherwise as `Database.change`.
    @discardableResult
    package func change<Answer: Codable & Sendable>(
        because cause: Cause, _ body: @escaping @Sendable (inout Change) throws -> Answer
    ) async throws -> Applied<Answer> {
        precondition(cause.organisation == organisation, "a workbench is one organisation's")
        return try await database.change(
            because: cause, through: { try await session.transaction(options, $0) }, body)
    }

    /// Closes the connection; everything that was laid out is gone.
    package func close() async { await session.close() }

    private var options: TransactionOptions {
        var options = TransactionOptions.readWrite.seeing(organisation)
        options.statementTimeout = limit
        return options
    }
}

extension Database {
    /// Opens a workbench, each of whose statements may take so long.
    package func workbench(
        of organisation: OrganisationID, within limit: Duration = .seconds(600)
    ) async throws -> Workbench {
        Workbench(self, try await pool.session(), organisation, within: limit)
    }
}
