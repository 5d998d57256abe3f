import HTTPServer
import InvoicingService
import Logging
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import TransactionalMessaging

/// The service as it is deployed: under its own role, in its own schema, with its real routes and consumers.
///
/// Nearly all tests share one; each has organisations of its own.
struct InvoicingBench: Sendable {
    let settings: PostgresSettings
    let database: Database
    let context: ServiceContext
    let assembly: Assembly
    let http: InProcessClient
    /// The superuser's connections, before which no fence stands: for what tests look up and for faults.
    let overseer: PostgresPool

    private static let shared = Task { try await InvoicingBench.start() }

    static func get() async throws -> InvoicingBench { try await shared.value }

    static let logger = Logger(label: "invoicing", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A bench on a database of its own, for tests that break something for everybody.
    static func start() async throws -> InvoicingBench {
        try await start(in: try await PrivatePostgres.shared().databaseOfServices())
    }

    /// A bench on a database in which steps of the schema may have been taken already; the others are taken now.
    static func start(in database: PostgresSettings) async throws -> InvoicingBench {
        let cluster = try await PrivatePostgres.shared()
        var overseer = database
        overseer.searchPath = InvoicingService.schema
        var settings = cluster.settings(database: overseer.database, user: "invoicing")
        settings.searchPath = InvoicingService.schema
        settings.connections = 20
        settings.poolWaitTimeout = .seconds(20)
        let database = makeDatabase(settings)
        try await cluster.migrate(InvoicingService.schema, InvoicingService.migrations, in: settings)
        let context = ServiceContext(
            settings: try Settings(
                InvoicingService.settings, from: Environment(["QUITTANCE_PUBLIC_URL": "https://pay.example"])),
            database: database,
            time: .system, ids: .system, logger: logger)
        let assembly = try await InvoicingService.assemble(context)
        let http = try await InProcessClient(
            assembly.routes, time: .system, ids: .system, phrases: assembly.phrases
        ) { error in
            assembly.problems(error) ?? StorageProblems.problem(of: error)
        }
        return InvoicingBench(
            settings: settings, database: database, context: context, assembly: assembly, http: http,
            overseer: PostgresPool(overseer, logger: logger))
    }

    /// The same schema over connections of its own, as another process has it.
    static func makeDatabase(_ settings: PostgresSettings) -> Database {
        Database(pool: PostgresPool(settings, logger: logger), ids: .system, time: .system)
    }

    /// Lets go of all connections, so that the server has counted all they did.
    func close() async {
        await database.pool.close()
        await overseer.close()
    }

    func ask<Value: Sendable & PostgresDecodable>(_ sql: SQL) async throws -> Value {
        try await overseer.transaction { transaction in
            try transaction.one(sql) { row in try row(0) as Value }
        }
    }

    func askAll<Value: Sendable & PostgresDecodable>(_ sql: SQL) async throws -> [Value] {
        try await overseer.query(sql) { row in try row(0) as Value }
    }
}

/// Something of the bench did not do as told.
struct InvoicingBenchFailure: Error, CustomStringConvertible {
    let description: String
}
