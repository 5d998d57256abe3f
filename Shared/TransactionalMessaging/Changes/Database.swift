package import PaymentModel
package import PostgresClient

/// A service's schema: its tables, its inbox and its outbox.
package struct Database: Sendable {
    /// The connections.
    package let pool: PostgresPool
    let sources: Change.Sources
    let bell: OutboxBell
    let checkpoints: Checkpoints
    private var place = TransactionOptions.Place.last
    private var limit: Duration?

    /// Opens nothing by itself; connections come when they are needed.
    package init(
        pool: PostgresPool, ids: IdentifierSource, time: TimeSource, checkpoints: Checkpoints = .none
    ) {
        self.pool = pool
        self.sources = Change.Sources(ids: ids, time: time)
        self.bell = OutboxBell(pool)
        self.checkpoints = checkpoints
    }

    /// The same schema for what somebody waits for: it gets the next connection, whatever else waits for one.
    package var urgent: Database {
        var database = self
        database.place = .first
        return database
    }

    /// The same schema for what takes long: each statement may take so much.
    package func patient(within limit: Duration) -> Database {
        var database = self
        database.limit = limit
        return database
    }

    /// Changes something once, whatever the number of tries, and announces it if it is committed.
    ///
    /// The cause, the change and its announcements stand or fall together. A cause seen before changes nothing and
    /// gives the first answer; two at once wait for each other. A body that throws leaves no trace, the cause neither.
    /// The body may run again after a deadlock, so it MUST have no effect outside the transaction.
    @discardableResult
    package func change<Answer: Codable & Sendable>(
        because cause: Cause, _ body: @escaping @Sendable (inout Change) throws -> Answer
    ) async throws -> Applied<Answer> {
        try await change(
            because: cause, through: { try await pool.transaction(options(.readWrite, cause.organisation), $0) }, body)
    }

    /// The same, on whichever connection `run` runs a transaction.
    func change<Answer: Codable & Sendable>(
        because cause: Cause,
        through run: (
            @escaping @Sendable (inout PostgresTransaction) throws -> (Applied<Answer>, Delivered)
        ) async throws -> (Applied<Answer>, Delivered),
        _ body: @escaping @Sendable (inout Change) throws -> Answer
    ) async throws -> Applied<Answer> {
        do {
            let (applied, delivered) = try await run { transaction in try apply(cause, body, in: &transaction) }
            checkpoints.reach(.changeCommitted)
            bell.announce(delivered)
            return applied
        } catch let error as PostgresError where Inbox.isRepetition(of: cause, error) {
            guard let answer = try await answer(to: cause, as: Answer.self) else { throw error }
            return Applied(answer: answer, replayed: true)
        }
    }

    /// The same for a change whose caller needs to know only that it was made.
    @discardableResult
    package func change(
        because cause: Cause, _ body: @escaping @Sendable (inout Change) throws -> Void
    ) async throws -> Applied<NoAnswer> {
        try await change(because: cause) { change in
            try body(&change)
            return NoAnswer()
        }
    }

    /// Bookkeeping that is no fact, such as when something is looked at next; nil for all organisations on purpose.
    ///
    /// It has no cause and announces nothing, so it MUST be harmless to repeat.
    @discardableResult
    package func maintain<Result: Sendable>(
        organisation: OrganisationID?, _ body: @escaping @Sendable (inout PostgresTransaction) throws -> Result
    ) async throws -> Result {
        try await pool.transaction(options(.readWrite, organisation), body)
    }

    /// Reads what the organisation may see; nil for what works across organisations on purpose.
    package func read<Result: Sendable>(
        organisation: OrganisationID?, _ body: @escaping @Sendable (inout PostgresTransaction) throws -> Result
    ) async throws -> Result {
        try await pool.transaction(options(.readOnly, organisation), body)
    }

    private func options(_ access: TransactionOptions, _ organisation: OrganisationID?) -> TransactionOptions {
        var options = access.seeing(organisation).waiting(place)
        options.statementTimeout = limit
        return options
    }

    /// The first answer to a cause that was seen before; nil when it is new.
    ///
    /// A request that asks others before it changes anything MUST look here first: its repetition has its answer,
    /// whatever the others would say now.
    package func answer<Answer: Codable & Sendable>(
        to cause: Cause, as type: Answer.Type = Answer.self
    ) async throws -> Answer? {
        try await read(organisation: cause.organisation) { transaction in
            try Inbox.answer(to: cause, as: type, in: &transaction)
        }
    }

    /// What the last of the steps of a name answered; nil when none is remembered.
    package func lastAnswer<Answer: Codable & Sendable>(
        toSteps name: String, for organisation: OrganisationID, as type: Answer.Type = Answer.self
    ) async throws -> Answer? {
        try await read(organisation: organisation) { transaction in
            try Inbox.lastAnswer(toSteps: name, for: organisation, as: type, in: &transaction)
        }
    }

    private func apply<Answer: Codable & Sendable>(
        _ cause: Cause, _ body: (inout Change) throws -> Answer, in transaction: inout PostgresTransaction
    ) throws -> (Applied<Answer>, Delivered) {
        guard try Inbox.record(cause, in: &transaction) else {
            guard let answer = try Inbox.answer(to: cause, as: Answer.self, in: &transaction) else {
                throw PostgresError(.decoding, "the cause is recorded and has no row")
            }
            return (Applied(answer: answer, replayed: true), .nothing)
        }
        checkpoints.reach(.causeRecorded)
        return try Change.lend(&transaction, because: cause, sources: sources) { change in
            let answer = try body(&change)
            checkpoints.reach(.changeMade)
            if let keep = try Inbox.keep(answer, of: cause) { change.executeLater(keep) }
            let delivered = try change.deliver()
            return (Applied(answer: answer, replayed: false), delivered)
        }
    }
}

/// Which organisation's rows a transaction sees in the tables that were put behind the fence.
enum Fence {
    static let setting = "quittance.organisation"

    /// nil: what works across organisations on purpose.
    static func value(_ organisation: OrganisationID?) -> String { organisation?.description ?? "every" }
}

extension TransactionOptions {
    func seeing(_ organisation: OrganisationID?) -> TransactionOptions {
        setting(Fence.setting, to: Fence.value(organisation))
    }
}
