import EventContract
import KafkaClient
import Logging
import PaymentModel
import PostgresClient
import ServiceLifecycle
import TestSupport
import Testing
import TransactionalMessaging

/// A schema of its own in a database of its own, and a broker of its own.
struct MessagingFixture: Sendable {
    /// Whose server it is: all tests', or one that may be stopped.
    enum Server { case shared, own }

    let postgres: PrivatePostgres
    let broker: PrivateBroker
    let settings: PostgresSettings
    let database: Database
    let order: Consumer.Order
    let logger: Logger

    /// Lends a fixture to a test and ends everything afterwards.
    static func with(
        order: Consumer.Order = .passOthers, server: Server = .shared, _ body: (MessagingFixture) async throws -> Void
    ) async throws {
        let postgres = try await server == .own ? PrivatePostgres.start() : PrivatePostgres.shared()
        let fixture = try await MessagingFixture(
            postgres: postgres, settings: postgres.database(),
            broker: PrivateBroker.start(topics: ["probe.dead-letter": 4]), order: order)
        do {
            try await Migrator(fixture.database.pool, logger: fixture.logger).migrate(Probe.migrations)
            try await body(fixture)
        } catch {
            await fixture.end()
            throw error
        }
        await fixture.end()
    }

    init(postgres: PrivatePostgres, settings: PostgresSettings, broker: PrivateBroker, order: Consumer.Order) {
        var settings = settings
        settings.searchPath = "probe"
        self.postgres = postgres
        self.broker = broker
        self.settings = settings
        self.order = order
        logger =
            TestDurations.isVerbose ? Logger(label: "tests") : Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        database = Database(pool: PostgresPool(settings, logger: logger), ids: .random, time: .sometime)
    }

    private func end() async {
        await database.pool.close(within: .seconds(1))
        await broker.stop()
    }

    // MARK: What takes part

    var kafka: KafkaSettings { broker.settings() }

    var letters: DeadLetters { DeadLetters(database, consumers: [Probe.consumer("probe", order: order)]) }

    var replay: Replay { Replay(database, kafka: kafka, logger: logger) }

    /// A relay with connections of its own, as in another process.
    func relay(settings relaySettings: RelaySettings = .quick) -> any Service {
        Relay(database: anotherDatabase(), kafka: kafka, settings: relaySettings, logger: logger)
    }

    /// A member of the group with connections of its own.
    func consumer(
        together: Bool = false, waitingMax: Int = 10_000, checkpoints: Checkpoints = .none,
        revokeWaitMax: Duration = .seconds(10)
    ) -> any Service {
        var (policy, kafka) = (RetryPolicy.quick, self.kafka)
        policy.waitingMax = waitingMax
        kafka.revokeWaitMax = revokeWaitMax
        return ConsumerLoop(
            Probe.consumer("probe", order: order, together: together), database: anotherDatabase(checkpoints),
            kafka: kafka, policy: policy, logger: logger)
    }

    private func anotherDatabase(_ checkpoints: Checkpoints = .none) -> Database {
        Database(
            pool: PostgresPool(settings, logger: logger), ids: .random, time: .sometime, checkpoints: checkpoints)
    }

    /// Runs services beside the body and asks them to stop when it ends.
    func running(_ services: any Service..., during body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { tasks in
            for service in services { tasks.addTask { try await service.run() } }
            try await body()
            tasks.cancelAll()
        }
    }

    /// The same schema for a role that may use it and does not own it.
    func asServiceRole() async throws -> MessagingFixture {
        let role = "service_\(settings.database)"
        try await execute(["CREATE ROLE \(unescaped: role) LOGIN"])
        try await Migrator(database.pool, serviceRole: role, logger: logger).migrate(Probe.migrations)
        var settings = settings
        settings.user = role
        return MessagingFixture(postgres: postgres, settings: settings, broker: broker, order: order)
    }

    // MARK: What happens

    func execute(_ statements: [SQL]) async throws {
        for statement in statements { try await database.pool.execute(statement) }
    }

    func write(runs: Int, subjects: Int) async throws { try await write(runs: 0..<runs, subjects: subjects) }

    func write(
        runs: Range<Int>, subjects: Int, of organisation: OrganisationID = Probe.organisation, inTwoTypes: Bool = false
    ) async throws {
        for run in runs {
            try await Probe.note(
                Probe.subject(run % subjects), of: organisation, run: "\(run)", inTwoTypes: inTwoTypes, in: database)
        }
    }

    func poison(subject: Int, number: Int64) async throws {
        try await database.pool.execute(
            "INSERT INTO poison (subject, number) VALUES (\(Probe.subject(subject)), \(number))")
    }

    func cure() async throws { try await database.pool.execute("DELETE FROM poison") }

    // MARK: What is seen

    func count(_ table: String) async throws -> Int {
        let counts = try await database.pool.query("SELECT count(*) AS count FROM \(unescaped: table)") { row in
            try row("count") as Int
        }
        return counts.first ?? 0
    }

    /// Looks again and again until it is so.
    func eventually(_ what: String, _ isSo: () async throws -> Bool) async throws {
        try await waitUntil(what, within: .seconds(40), isSo)
    }
}
