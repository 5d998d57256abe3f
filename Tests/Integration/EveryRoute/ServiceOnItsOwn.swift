import HTTPServer
import InvoicingService
import Logging
import NotificationService
import PaymentModel
import PaymentOrchestratorService
import PaymentWorld
import PostgresClient
import ReconciliationService
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// A service on a database of its own, called without a socket; for payments a sandbox is at the other end.
struct ServiceOnItsOwn: Sendable {
    /// What it takes to start one.
    struct Kind: Sendable, CustomTestStringConvertible {
        let name: String
        /// How many operations random requests get done at the least.
        let doneMin: Int
        let start: @Sendable () async throws -> ServiceOnItsOwn

        var testDescription: String { name }

        init<Service: QuittanceService>(_ service: Service.Type, doneMin: Int) {
            name = Service.name
            self.doneMin = doneMin
            start = { try await ServiceOnItsOwn.start(service) }
        }

        init(payments start: @escaping @Sendable () async throws -> ServiceOnItsOwn) {
            name = PaymentOrchestratorService.name
            doneMin = 5
            self.start = start
        }
    }

    static let kinds = [
        Kind(InvoicingService.self, doneMin: 50), Kind(NotificationService.self, doneMin: 25),
        Kind(ReconciliationService.self, doneMin: 25),
        Kind(payments: startPayments),
    ]

    let assembly: Assembly
    let http: InProcessClient
    /// As the superuser, whom nothing stops.
    let overseer: PostgresPool
    let schema: String
    let organisation: OrganisationID
    /// Ids that only events bring.
    var ids: [String: [String]] = [:]
    /// Proves the books, where there are any.
    var proof: @Sendable () async throws -> [String] = { [] }

    static let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    private static func start<Service: QuittanceService>(_ service: Service.Type) async throws -> ServiceOnItsOwn {
        let cluster = try await PrivatePostgres.shared()
        var overseer = try await cluster.databaseOfServices()
        overseer.searchPath = Service.schema
        try await cluster.migrate(Service.schema, Service.migrations, in: overseer)
        var own = overseer
        own.user = Service.schema
        let settings = try Settings(
            StandardSettings.all(port: Service.port, schema: Service.schema) + Service.settings,
            from: Environment(try variables()))
        let context = ServiceContext(
            settings: settings, database: Database(pool: PostgresPool(own, logger: quiet), ids: .system, time: .system),
            time: .system, ids: .system, logger: quiet)
        let assembly = try await Service.assemble(context)
        let http = try await InProcessClient(assembly.routes, time: .system, ids: .system) { error in
            assembly.problems(error) ?? StorageProblems.problem(of: error)
        }
        let all = PostgresPool(overseer, logger: quiet)
        return ServiceOnItsOwn(
            assembly: assembly, http: http, overseer: all, schema: Service.schema,
            organisation: IdentifierSource.system.make(),
            proof: {
                var found: [String] = []
                if let outcome = try await Service.verification?.run(context), !outcome.holds { found += outcome.lines }
                for invariant in Service.invariants {
                    found += try await all.query("SELECT breach FROM (\(invariant.breaches)) AS broken") { row in
                        "\(invariant.name): \(try row("breach") as String)"
                    }
                }
                return found
            })
    }

    /// What must be set, for all services together.
    private static func variables() throws -> [String: String] {
        [
            "QUITTANCE_TOKEN_KEYS": try SigningKey.generate(id: "tests").publicKeySet,
            "QUITTANCE_KAFKA_SERVERS": "127.0.0.1:1",
            "QUITTANCE_SIGNING_KEY": try SigningKey.generate(id: "own").privateKeyText,
            "QUITTANCE_PUBLIC_URL": "https://pay.example", "QUITTANCE_SMSFACTOR_TOKEN": "token",
            "QUITTANCE_SMSFACTOR_WEBHOOK_SECRET": "secret",
        ]
    }

    private static func startPayments() async throws -> ServiceOnItsOwn {
        let bench = try await PaymentBench.start()
        return ServiceOnItsOwn(
            assembly: bench.assembly, http: bench.http, overseer: bench.overseer,
            schema: PaymentOrchestratorService.schema, organisation: PaymentBench.organisation,
            ids: ["clinic": ["\(PaymentBench.clinic)"], "client": ["\(PaymentBench.client)"]])
    }

    /// Somebody who may do everything that is not for programs alone.
    var manager: Principal {
        let scopes = assembly.routes.compactMap { route -> Scope? in
            if case .roles(_, let scope) = route.access { scope } else { nil }
        }
        return Principal(
            subject: "tester", organisation: organisation, clinics: .all, role: .manager, scopes: Set(scopes))
    }

    /// What each table holds, as a number that is another one for other rows.
    func contents() async throws -> [String: String] {
        let tables = try await overseer.query(
            "SELECT tablename AS name FROM pg_tables WHERE schemaname = \(schema) ORDER BY tablename"
        ) { row in try row("name") as String }
        let counts = tables.map {
            "SELECT '\($0)' AS name, count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS rows FROM \"\($0)\" t"
        }
        let rows = try await overseer.query(SQL(unescaped: counts.joined(separator: " UNION ALL "))) { row in
            (try row("name") as String, try row("rows") as String)
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }
}
