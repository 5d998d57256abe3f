import ArgumentParser
import Foundation
import HTTPServer
import Logging
import PaymentModel
import PostgresClient
import ReconciliationService
import ServiceRuntime
import TestSupport
import TransactionalMessaging

/// The books in this process, on a PostgreSQL of their own.
struct BooksForBenchmark: Sendable {
    static let organisation = OrganisationID(0xB)

    let postgres: PrivatePostgres
    /// Sees everything, for what is laid out before it is measured.
    let superuser: PostgresPool
    let database: Database
    let assembly: Assembly
    let http: InProcessClient
    let settings: PostgresSettings

    static func start() async throws -> BooksForBenchmark {
        let quiet = Logger(label: "books", factory: { _ in SwiftLogNoOpLogHandler() })
        // Commits wait for the disk, as they do where it counts.
        let postgres = try await PrivatePostgres.start(.durable)
        var settings = try await postgres.databaseOfServices()
        settings.searchPath = ReconciliationService.schema
        try await postgres.migrate(ReconciliationService.schema, ReconciliationService.migrations, in: settings)
        var own = settings
        own.statementTimeout = .seconds(600)
        let superuser = PostgresPool(own, logger: quiet)
        settings.user = ReconciliationService.schema
        let database = Database(pool: PostgresPool(settings, logger: quiet), ids: .system, time: .system)
        let assembly = try await ReconciliationService.assemble(
            ServiceContext(
                settings: try Settings(ReconciliationService.settings, from: Environment([:])), database: database,
                time: .system, ids: .system, logger: quiet))
        let http = try await InProcessClient(assembly.routes, time: .system, ids: .system)
        return BooksForBenchmark(
            postgres: postgres, superuser: superuser, database: database, assembly: assembly, http: http,
            settings: settings)
    }

    /// Books of this process alone that something is measured in; prints how many of it a second there were and the
    /// most memory it took, for the process that started this one.
    static func measure(
        _ count: Int, layingOut layOut: (BooksForBenchmark) async throws -> Void,
        _ body: (BooksForBenchmark) async throws -> Void
    ) async throws {
        let books = try await start()
        try await layOut(books)
        let start = ContinuousClock.now
        try await body(books)
        let time = ContinuousClock.now - start
        print(Double(count) / (time / .seconds(1)), try ProcessMemory.kibibytes("VmHWM") / 1_024)
        await books.end()
    }

    /// Payments that were accepted, as their events would have told them; the day may depend on the `number`.
    func expect(_ numbers: ClosedRange<Int>, of provider: String, acceptedOn day: SQL) async throws {
        try await superuser.execute(
            """
            INSERT INTO expectation (payment, organisation, client, provider, provider_reference, currency, amount, fee,
                fee_vat, is_held, accepted_on, expected_on)
            SELECT gen_random_uuid(), \(Self.organisation), gen_random_uuid(), \(provider),
                'payment_' || number, 'EUR', 1000 + number * 31 % 90001, 40, 10, false, \(day), '2026-11-20'
            FROM generate_series(\(Int64(numbers.lowerBound)), \(Int64(numbers.upperBound))) AS number
            """)
        try await superuser.execute("ANALYZE expectation")
    }

    func end() async {
        await database.pool.close()
        await superuser.close()
    }

    func principal() -> Principal {
        Principal(
            subject: "benchmark", organisation: Self.organisation, clinics: .all, role: .accountant,
            scopes: ["reconciliation:read", "reconciliation:write"])
    }

    func headers(key: String? = nil) async throws -> Headers {
        var headers: Headers = ["Content-Type": "text/plain"]
        headers["Authorization"] = "Bearer \(try await http.token(for: principal()))"
        if let key { headers["Idempotency-Key"] = key }
        return headers
    }
}

/// What a process of a benchmark tells the one that started it.
enum ChildFigures {
    /// Runs this program again with other arguments; answers what it printed, word by word.
    static func run(_ arguments: [String]) throws -> [String] {
        let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).resolvingSymlinksInPath()
        return try output(of: here, arguments)
    }

    static func output(of program: URL, _ arguments: [String]) throws -> [String] {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = pipe
        try process.runWithOpenSignals()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ChildFailed(arguments: arguments, text: text) }
        return text.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    struct ChildFailed: Error {
        let arguments: [String]
        let text: String
    }
}
