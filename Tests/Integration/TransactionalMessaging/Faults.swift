import EventContract
import Foundation
import KafkaClient
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// What goes wrong in the tests.
extension MessagingFixture {
    /// Makes the commit of changes of this aggregate wait, after all their statements, until the session is closed.
    func holdCommits(of subject: PaymentID) async throws -> PostgresSession {
        try await database.pool.transaction { transaction in
            try transaction.execute(
                """
                CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END $$
                """)
            try transaction.execute(
                """
                CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW WHEN (NEW.subject = '\(unescaped: subject.description)'::uuid)
                EXECUTE FUNCTION wait_at_commit()
                """)
        }
        let gate = try await database.pool.session()
        try await gate.transaction { transaction in
            _ = try transaction.execute("SELECT pg_advisory_lock(4711)")
        }
        return gate
    }

    func isCommitHeld() async throws -> Bool {
        try await count(
            """
            pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 4711
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """) > 0
    }

    /// Takes the lock of a letter's key, as a member does that holds a message behind it; gone when the session closes.
    func lockKey(of letter: DeadLetterID) async throws -> PostgresSession {
        let member = try await database.pool.session()
        try await member.transaction { transaction in
            _ = try transaction.execute(
                """
                SELECT pg_advisory_lock(hashtext(consumer), hashtext(encode(key, 'hex')))
                FROM dead_letter WHERE id = \(letter)
                """)
        }
        return member
    }

    /// Lets the server end the connection of whoever notes this effect.
    func killConnections(atEffect number: Int64, of subject: PaymentID) async throws {
        try await execute([
            """
            CREATE FUNCTION end_connection() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$
            """,
            """
            CREATE TRIGGER end_connection BEFORE INSERT ON effect FOR EACH ROW
            WHEN (NEW.number = \(unescaped: "\(number)") AND NEW.subject = '\(unescaped: subject.description)'::uuid)
            EXECUTE FUNCTION end_connection()
            """,
        ])
    }

    /// Cuts the connection of whoever leads, as a failing network or an administrator would.
    func terminateRelaySessions() async throws {
        try await database.pool.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 2
                AND classid::integer = hashtext(current_schema() || '.outbox')
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """)
    }

    /// True when rows are left of no more keys than one partition of twelve can have.
    func areLeftOfFewKeys() async throws -> Bool {
        try await count("(SELECT DISTINCT key FROM outbox) AS keys") < 20
    }

    /// Makes a row larger than any broker takes; answers with what it was.
    func makeTooLarge(subject: Int, number: Int64) async throws -> (position: Int64, value: [UInt8]) {
        let rows = try await database.pool.query(
            """
            SELECT position, value FROM outbox
            WHERE subject = \(Probe.subject(subject)) AND sequence = \(number)
            """
        ) { row in (position: try row("position") as Int64, value: try row("value") as [UInt8]) }
        let row = try #require(rows.first)
        try await database.pool.execute(
            "UPDATE outbox SET value = \([UInt8](repeating: 0x20, count: 2 << 20)) WHERE position = \(row.position)")
        return row
    }

    func restore(_ row: (position: Int64, value: [UInt8])) async throws {
        try await database.pool.execute("UPDATE outbox SET value = \(row.value) WHERE position = \(row.position)")
    }

    /// How many transactions a relay with the settings of a service makes in its life, with nothing to do.
    func transactionsOfIdleRelay(for length: Duration) async throws -> Int {
        let before = try await transactionsSoFar()
        let idle = MessagingFixture(postgres: postgres, settings: settings, broker: broker, order: order)
        let relay = Relay(database: idle.database, kafka: kafka, settings: RelaySettings(), logger: logger)
        try await running(relay) { try await pause(length) }
        await idle.database.pool.close()
        return try await transactionsSoFar() - before
    }

    private func transactionsSoFar() async throws -> Int {
        // From a new session, since an old one may keep its picture of the statistics.
        let session = try await database.pool.session()
        let count = try await session.transaction { transaction in
            try transaction.one(
                """
                SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()
                """
            ) { row in try row("count") as Int }
        }
        await session.close()
        return count
    }

    /// Dumps the database and restores it into a new one, with a new and empty broker beside it.
    func dumpedAndRestored() async throws -> MessagingFixture {
        let dump = try await postgres.dump(settings.database)
        return try await MessagingFixture(
            postgres: postgres, settings: postgres.restore(dump), broker: broker, order: order)
    }

    /// Lets a fault last for a while.
    func pause(_ length: Duration) async throws { try await Task.sleep(for: length) }

    // MARK: Records from elsewhere

    func send(_ records: [KafkaRecord]) async throws {
        let producer = try KafkaProducer(kafka, logger: logger)
        let deliveries = try await producer.send(records)
        await producer.close()
        for case .failed(let error) in deliveries { throw error }
    }

    /// Sends all records of a topic once more.
    func sendAgain(topic: Topic) async throws {
        var records: [KafkaRecord] = []
        let written = try await count("written")
        try await reading(topic.rawValue) { batch in
            records += batch.map(\.record)
            return records.count >= written
        }
        try await send(records)
    }

    /// A record that claims to be an event; nil for the type leaves that header out, nil for the value is a tombstone.
    func record(type: String?, value: String?, key: [UInt8]? = nil) -> KafkaRecord {
        let ids = IdentifierSource.random
        let id: EventID = ids.make()
        let subject: PaymentID = ids.make()
        let envelope = EventEnvelope(
            id: id, type: ProbeNotedV1.type, subject: subject.value, time: TimeSource.sometime.now(), sequence: 1,
            organisation: Probe.organisation, correlation: CorrelationID(1))
        let headers = CloudEvent.headers(of: envelope).compactMap { name, text -> KafkaHeader? in
            guard name == CloudEventHeader.type.rawValue else { return KafkaHeader(name, text) }
            return type.map { KafkaHeader(name, $0) }
        }
        return KafkaRecord(
            topic: Topic.invoicing.rawValue, key: key ?? Array(subject.description.utf8),
            value: value.map { Array($0.utf8) }, headers: headers)
    }

    /// The dead-letter topic has heard of this many, each once.
    func expectAnnounced(letters expected: Int, location: SourceLocation = #_sourceLocation) async throws {
        var ids: [String] = []
        try await reading(Topic.deadLetters(ofGroup: "probe")) { records in
            for record in records {
                let id = record.headers.first { $0.name == "dead_letter_id" }
                ids.append(String(decoding: id?.value ?? [], as: UTF8.self))
            }
            return ids.count >= expected
        }
        #expect(Set(ids).count == expected, sourceLocation: location)
    }

    /// How many records the topic holds, repetitions included: reads until nothing has come for a second.
    func recordsInTopic() async throws -> Int {
        var places: Set<String> = []
        var quietReads = 0
        try await reading(Topic.invoicing.rawValue) { records in
            // By their places: a reader whose group is formed anew reads some of them again.
            places.formUnion(records.map { "\($0.topicPartition)@\($0.offset)" })
            quietReads = records.isEmpty && !places.isEmpty ? quietReads + 1 : 0
            return quietReads == 5
        }
        return places.count
    }

    // MARK: Processes

    /// Starts a process of its own for these roles.
    func spawn(
        _ roles: [String], crash: String? = nil, runs: Int = 0, subjects: Int = 1,
        batchMax: Int = RetryPolicy.quick.batchMax, waitingMax: Int = RetryPolicy.quick.waitingMax
    ) throws -> ProbeChild {
        var arguments = roles.flatMap { ["--role", $0] }
        arguments += ["--host", settings.host, "--port", "\(settings.port)", "--database", settings.database]
        arguments += ["--user", settings.user, "--schema", settings.searchPath, "--broker", broker.bootstrapServers]
        arguments += ["--runs", "\(runs)", "--subjects", "\(subjects)"]
        arguments += ["--batch-max", "\(batchMax)", "--waiting-max", "\(waitingMax)"]
        if let crash { arguments += ["--crash", crash] }
        return try ProbeChild(arguments)
    }

    /// Runs a process until it kills itself at this point.
    func crash(
        _ roles: [String], at point: Checkpoints.Point, visit: Int, runs: Int = 0, subjects: Int = 1,
        batchMax: Int = RetryPolicy.quick.batchMax, location: SourceLocation = #_sourceLocation
    ) async throws {
        let child = try spawn(
            roles, crash: "\(point.rawValue):\(visit)", runs: runs, subjects: subjects, batchMax: batchMax)
        defer { child.kill() }
        try await eventually("it dies at \(point)") { !child.isRunning }
        #expect(child.wasKilled, sourceLocation: location)
    }
}

/// A process of the tests, ended by its own id.
final class ProbeChild: Sendable {
    private let process: Process

    init(_ arguments: [String]) throws {
        process = Process()
        process.executableURL = try BuiltProgram.url("MessagingProbe")
        process.arguments = arguments
        try process.run()
    }

    var isRunning: Bool { process.isRunning }
    var wasKilled: Bool { process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL }

    /// True once it has been stopped where it stands.
    var isFrozen: Bool {
        let state = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        return state?.split(separator: ")").last?.split(separator: " ").first == "T"
    }

    func thaw() { Foundation.kill(process.processIdentifier, SIGCONT) }

    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
