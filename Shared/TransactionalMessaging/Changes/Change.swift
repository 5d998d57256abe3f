package import EventContract
package import PaymentModel
package import PostgresClient

/// The open transaction and what it will announce.
///
/// It is lent to a synchronous body, so a network call while the transaction is open does not compile.
package struct Change: ~Copyable {
    /// The open transaction.
    package var transaction: PostgresTransaction
    /// What made us change something.
    package internal(set) var cause: Cause
    var outgoing = Outgoing()
    /// Whose rows the tables behind the fence show; nil until the fence was moved by us.
    var fencedFor: OrganisationID?
    private let sources: Sources

    /// Where a change's ids and times come from.
    struct Sources: Sendable {
        let ids: IdentifierSource
        let time: TimeSource
    }

    init(_ transaction: consuming PostgresTransaction, because cause: Cause, sources: Sources) {
        self.transaction = transaction
        self.cause = cause
        self.sources = sources
    }

    /// Puts an event into the outbox when the body ends; it is published if, and only if, the change is committed.
    ///
    /// Events about one subject are published in the order of the commits of their changes.
    package mutating func announce(
        _ payload: some EventPayload, about subject: some Identifier, clinic: ClinicID? = nil
    ) {
        let envelope = EventEnvelope(
            id: sources.ids.make(), type: type(of: payload).type, subject: subject.value, time: sources.time.now(),
            sequence: 0, organisation: cause.organisation, clinic: clinic, correlation: cause.correlation,
            causation: cause.causation, traceparent: cause.traceparent)
        outgoing.events.append((envelope, payload))
    }

    /// Wakes no relay for what this change announces: it is published with what others ring for, or within a second.
    ///
    /// For what thousands of changes announce that nobody waits for: waking a relay for each of them costs more than
    /// the change.
    package mutating func letAnnouncementsWait() { outgoing.mayWait = true }

    /// Runs once the change is committed, such as to wake a worker; it may be lost in a crash, so it MUST only hurry.
    package mutating func afterCommit(_ action: @escaping @Sendable () -> Void) {
        outgoing.actions.append(action)
    }

    /// Lends the transaction as a change and takes it back, also when the body throws.
    static func lend<Result>(
        _ transaction: inout PostgresTransaction, because cause: Cause, sources: Sources,
        _ body: (inout Change) throws -> Result
    ) throws -> Result {
        var change = Change(transaction, because: cause, sources: sources)
        do {
            let result = try body(&change)
            transaction = change.transaction
            return result
        } catch {
            transaction = change.transaction
            throw error
        }
    }
}

extension Change {
    /// Runs a statement and answers how many rows it changed.
    @discardableResult
    package mutating func execute(_ sql: SQL) throws(PostgresError) -> Int { try transaction.execute(sql) }

    /// Runs a statement together with the next one or the commit, without a round trip of its own.
    package mutating func executeLater(_ sql: SQL) { transaction.executeLater(sql) }

    /// Lets the commit answer before the disk has it; `SQL.aheadOfDisk` says when it may.
    ///
    /// What it announces may have been published when a crash takes it back, so that MUST be harmless to repeat.
    package mutating func commitAheadOfDisk() { transaction.commitAheadOfDisk() }

    /// Reads a value in one round trip.
    package mutating func read<Value>(_ query: Query<Value>) throws -> Value { try transaction.read(query) }

    /// Reads several values in one round trip.
    package mutating func read<each Value>(_ queries: repeat Query<each Value>) throws -> (repeat each Value) {
        try transaction.read(repeat each queries)
    }

    /// Reads all rows of a statement.
    package mutating func query<Value>(_ sql: SQL, _ decode: (Row) throws -> Value) throws -> [Value] {
        try transaction.query(sql, decode)
    }

    /// Reads the first row of a statement, if there is one.
    package mutating func first<Value>(_ sql: SQL, _ decode: (Row) throws -> Value) throws -> Value? {
        try transaction.first(sql, decode)
    }

    /// Reads the one row of a statement; none or several are an error.
    package mutating func one<Value>(_ sql: SQL, _ decode: (Row) throws -> Value) throws -> Value {
        try transaction.one(sql, decode)
    }
}
