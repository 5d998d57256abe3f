import EventContract
import Foundation
import HTTPServer
import KafkaClient
import Logging
import PaymentModel
import PostgresClient
import ReconciliationService
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// All tests of the books share one service: its database with the roles of a deployment, a broker, its consumer.
///
/// Each test has an organisation of its own.
@Suite(.books) struct `The books` {}

/// The service on a server of its own, as the role it has in a deployment.
struct BooksBench: Sendable {
    @TaskLocal static var shared: BooksBench?

    static let role = "reconciliation"
    static let logger = Logger(label: "books", factory: { _ in SwiftLogNoOpLogHandler() })

    let postgres: PrivatePostgres
    let broker: PrivateBroker
    let settings: PostgresSettings
    let database: Database
    /// Sees everything: for what tests look at, never for what the service does.
    let superuser: PostgresPool
    let assembly: Assembly
    let http: InProcessClient
    let producer: KafkaProducer

    /// Runs a body whose books are on a service of its own, and ends that.
    ///
    /// On request the server's log has how it went about every statement of the service.
    static func with(explaining: Bool = false, _ body: (BooksBench) async throws -> Void) async throws {
        let bench = try await start(explaining: explaining)
        do {
            try await $shared.withValue(bench) { try await body(bench) }
        } catch {
            await bench.end()
            throw error
        }
        await bench.end()
    }

    private static func start(explaining: Bool) async throws -> BooksBench {
        let postgres = try await PrivatePostgres.start()
        var settings = try await postgres.databaseOfServices()
        settings.searchPath = ReconciliationService.schema
        settings.connections = 8
        let superuser = PostgresPool(settings, logger: logger)
        if explaining { try await superuser.explainStatements(lasting: 0) }
        settings.user = role
        let pool = PostgresPool(settings, logger: logger)
        try await postgres.migrate(ReconciliationService.schema, ReconciliationService.migrations, in: settings)
        let database = Database(pool: pool, ids: .system, time: .system)
        let assembly = try await ReconciliationService.assemble(
            ServiceContext(
                settings: try Settings(ReconciliationService.settings, from: Environment([:])), database: database,
                time: .system, ids: .system, logger: logger))
        let http = try await InProcessClient(
            assembly.routes, time: .system, ids: .system, phrases: assembly.phrases
        ) { error in
            assembly.problems(error) ?? StorageProblems.problem(of: error)
        }
        let broker = try await PrivateBroker.start()
        return BooksBench(
            postgres: postgres, broker: broker, settings: settings, database: database, superuser: superuser,
            assembly: assembly, http: http, producer: try KafkaProducer(broker.settings("facts"), logger: logger))
    }

    /// Runs the service's consumer beside the body.
    func consuming(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { tasks in
            for consumer in assembly.consumers {
                let loop = ConsumerLoop(
                    consumer, database: database, kafka: broker.settings("books"), policy: .quick, logger: Self.logger)
                tasks.addTask { try await loop.run() }
            }
            try await body()
            tasks.cancelAll()
        }
    }

    private func end() async {
        await producer.close()
        await broker.stop()
        await database.pool.close(within: .seconds(1))
        await superuser.close(within: .seconds(1))
    }

    /// Settings for another role on the same database.
    func settings(as user: String) -> PostgresSettings {
        var settings = settings
        settings.user = user
        return settings
    }
}

/// Starts what the tests share before the first of them and ends it after the last.
struct BooksScope: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await BooksBench.with { bench in try await bench.consuming { try await function() } }
    }
}

extension Trait where Self == BooksScope {
    /// One service for all tests of the suite.
    static var books: BooksScope { BooksScope() }
}
