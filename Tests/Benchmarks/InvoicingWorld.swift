import Foundation
import HTTPServer
import InvoicingService
import Logging
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import TransactionalMessaging

/// invoicing as it is deployed, in this process: its own role and schema, real routes, tokens and all.
struct InvoicingWorld: Sendable {
    let cluster: PrivatePostgres
    let settings: PostgresSettings
    let http: InProcessClient
    /// The superuser's connections, before which no fence stands.
    let overseer: PostgresPool
    let organisation: OrganisationID
    private let database: Database
    private let jobs: [Job]

    static let quiet = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

    /// Commits reach the disk.
    static func start(connections: Int) async throws -> InvoicingWorld {
        let cluster = try await PrivatePostgres.start(.durable)
        var overseer = try await cluster.databaseOfServices()
        overseer.searchPath = InvoicingService.schema
        overseer.statementTimeout = .seconds(3_600)
        let admin = PostgresPool(overseer, logger: quiet)
        try await admin.explainStatements()
        await admin.close()
        var settings = cluster.settings(database: overseer.database, user: "invoicing")
        settings.searchPath = InvoicingService.schema
        settings.connections = connections
        settings.poolWaitTimeout = .seconds(30)
        try await cluster.migrate(InvoicingService.schema, InvoicingService.migrations, in: settings)
        let database = Database(pool: PostgresPool(settings, logger: quiet), ids: .system, time: .system)
        let context = ServiceContext(
            settings: try Settings(InvoicingService.settings, from: Environment([:])), database: database,
            time: .system, ids: .system, logger: quiet)
        let assembly = try await InvoicingService.assemble(context)
        let http = try await InProcessClient(assembly.routes, time: .system, ids: .system) { error in
            assembly.problems(error) ?? StorageProblems.problem(of: error)
        }
        let world = InvoicingWorld(
            cluster: cluster, settings: settings, http: http, overseer: PostgresPool(overseer, logger: quiet),
            organisation: IdentifierSource.system.make(), database: database, jobs: assembly.jobs)
        _ = try await world.caller().ask(
            .put, "/v1/organisation", #"{"name":"Banc"}"#, headers: [("If-Match", "\"v0\"")])
        return world
    }

    func close() async {
        await database.pool.close()
        await overseer.close()
    }

    /// What the server logs during a call, while a setting of its is another one.
    func logged(_ setting: String, _ body: () async throws -> Void) async throws -> String {
        let log = URL(fileURLWithPath: "\(cluster.folder)/log")
        let name = setting.prefix { $0 != " " }
        try await overseer.execute(SQL(unescaped: "ALTER SYSTEM SET \(setting)"))
        try await overseer.execute("SELECT pg_reload_conf()")
        // Sessions look at it between two statements; nobody says when.
        try await Task.sleep(for: .seconds(1))
        let before = try Data(contentsOf: log).count
        try await body()
        try await Task.sleep(for: .milliseconds(200))
        let text = String(decoding: try Data(contentsOf: log).dropFirst(before), as: UTF8.self)
        try await overseer.execute(SQL(unescaped: "ALTER SYSTEM RESET \(name)"))
        try await overseer.execute("SELECT pg_reload_conf()")
        return text
    }

    /// Somebody with a token for a minute, as a session of the front desk has one.
    func caller() async throws -> Caller {
        let principal = Principal(
            subject: "benchmark", organisation: organisation, clinics: .all, role: .manager,
            scopes: [
                "organisation:read", "organisation:write", "clients:read", "clients:write", "invoices:read",
                "invoices:write",
            ])
        return Caller(http: http, token: try await http.token(for: principal))
    }

    /// Lets the job take in the files that wait.
    func takeImports() async throws { try await jobs.first { $0.name == "take-imports" }?.run() }

    func clinic(_ code: String) async throws -> String {
        try await caller().ask(.post, "/v1/clinics", #"{"code":"\#(code)","name":"Clinique"}"#).id()
    }

    /// So many clients whose ids are their numbers, as the peer's script counts on.
    func makeClients(_ count: Int, at clinic: String) async throws {
        try await overseer.execute(
            """
            INSERT INTO client (id, organisation, clinic, last_name, first_name, phone, email, language, town, country,
                reference)
            SELECT lpad(to_hex(n), 32, '0')::uuid, \(organisation), \(clinic)::uuid,
                (ARRAY['Martin', 'Lefèvre', 'Nguyen', 'Œuvrard', 'Dupont', 'Garnier', 'Moreau'])[1 + n % 7]
                    || ' ' || substr(md5(n::text), 1, 5),
                (ARRAY['Ada', 'Zoé', 'Noël', 'Inès', 'Paul'])[1 + n % 5], '+336' || lpad(n::text, 8, '0'),
                'client' || n || '@example.org', 'fr', 'Lyon', 'FR', 'C' || n
            FROM generate_series(1, \(Int32(count))) AS n
            """)
    }

    /// The id of the client with a number.
    static func client(_ number: Int) -> ClientID { ClientID(UInt128(number)) }
}

/// Calls with one token.
struct Caller: Sendable {
    let http: InProcessClient
    let token: String

    @discardableResult
    func ask(
        _ method: HTTPMethod, _ path: String, _ json: String? = nil, headers more: [(String, String)] = []
    ) async throws -> InProcessClient.Answer {
        var headers: Headers = ["Authorization": "Bearer \(token)"]
        if json != nil { headers["Content-Type"] = "application/json" }
        if method == .post { headers["Idempotency-Key"] = "bench-\(IdentifierSource.system.next())" }
        for (name, value) in more { headers[name] = value }
        let answer = try await http.call(
            IncomingRequest(method: method.rawValue, target: path, headers: headers, bytes: Array((json ?? "").utf8)))
        guard answer.status < 300 else { throw TestSupportError("\(path): \(answer.status) \(answer.text)") }
        return answer
    }
}

extension InProcessClient.Answer {
    func id() throws -> String {
        guard let id = json["id"]?.text else { throw TestSupportError(text) }
        return id
    }
}
