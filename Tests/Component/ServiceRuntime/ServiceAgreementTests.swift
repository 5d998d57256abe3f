import EventContract
import HTTPServer
import InvoicingService
import Logging
import NotificationService
import PaymentModel
import PaymentOrchestratorService
import PostgresClient
import ReconciliationService
import ServiceRuntime
import Testing
import TransactionalMessaging

/// A service put together without anything it needs to work: enough to look at, and to be refused by.
struct BareService: Sendable, CustomTestStringConvertible {
    let name: String
    /// Its folder of `Services`.
    let folder: String
    let port: Int
    /// Whose events it publishes.
    let owners: [EventOwner]
    let settings: [any DescribedSetting]
    let rules: [SettingRule]
    let processRoles: [ProcessRole]
    private let schema: String
    let assemble: @Sendable (ProcessRole) async throws -> Assembly

    var testDescription: String { name }

    static let all: [BareService] = [
        BareService(InvoicingService.self, "Invoicing", [.invoicing]),
        BareService(PaymentOrchestratorService.self, "PaymentOrchestrator", [.payments]),
        BareService(NotificationService.self, "Notification", [.notifications, .dispatch]),
        BareService(ReconciliationService.self, "Reconciliation", [.reconciliation]),
    ]

    init<Service: QuittanceService>(_ service: Service.Type, _ folder: String, _ owners: [EventOwner]) {
        name = Service.name
        self.folder = folder
        self.owners = owners
        port = Service.port
        settings = Service.settings
        rules = Service.settingRules
        schema = Service.schema
        processRoles = Service.processRoles
        assemble = { role in
            let settings = try Settings(
                StandardSettings.all(port: Service.port, schema: Service.schema) + Service.settings,
                from: Environment(try Self.variables()))
            let quiet = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })
            // Nothing listens on port 1, so whatever gets as far as the database is told that it is away.
            var database = PostgresSettings(host: "127.0.0.1", port: 1, database: "none", user: "none")
            database.poolWaitTimeout = .milliseconds(100)
            let pool = PostgresPool(database, logger: quiet)
            return try await Service.assemble(
                ServiceContext(
                    settings: settings, database: Database(pool: pool, ids: .fixed(1), time: .system), time: .system,
                    ids: .fixed(2), logger: quiet, processRole: role))
        }
    }

    /// The service's settings by these variables and what must be set besides.
    func read(_ more: [String: String]) throws -> Settings {
        let all = StandardSettings.all(port: port, schema: schema) + settings
        let own = try Self.variables().filter { name, _ in all.contains { $0.name == name } }
        return try Settings(
            all, rules: StandardSettings.rules + rules, from: Environment(own.merging(more) { _, given in given }))
    }

    /// Which of these variables' names look like slips of the pen.
    func slips(_ variables: [String: String]) -> [SettingsError.Problem] {
        SettingSlips.find(
            in: Environment(variables), among: StandardSettings.all(port: port, schema: schema) + settings)
    }

    /// What must be set, for all services together.
    private static func variables() throws -> [String: String] {
        [
            "QUITTANCE_TOKEN_KEYS": try SigningKey.generate(id: "tests").publicKeySet,
            "QUITTANCE_KAFKA_SERVERS": "127.0.0.1:1",
            "QUITTANCE_SIGNING_KEY": try SigningKey.generate(id: "own").privateKeyText,
            "QUITTANCE_SEALING_KEYS": "one:" + String(repeating: "A", count: 43) + "=",
            "QUITTANCE_PUBLIC_URL": "https://pay.example", "QUITTANCE_SMSFACTOR_TOKEN": "token",
            "QUITTANCE_SMSFACTOR_WEBHOOK_SECRET": "secret",
        ]
    }

    /// The service's routes, called without a socket.
    func client() async throws -> (InProcessClient, [Route]) {
        let assembly = try await assemble(.serve)
        let client = try await InProcessClient(assembly.routes, ids: .system) { error in
            assembly.problems(error) ?? StorageProblems.problem(of: error)
        }
        return (client, assembly.routes)
    }
}

@Suite struct `Every service` {
    @Test(arguments: BareService.all)
    func `describes what it serves and serves what it describes`(service: BareService) async throws {
        let assembly = try await service.assemble(.serve)
        #expect(!assembly.routes.isEmpty)
        #expect(try OpenAPICheck(assembly.openAPI, assembly.routes).differences() == [])
    }

    @Test func `says of every answer of payments and messages what it is`() async throws {
        for service in BareService.all where ["payment-orchestrator", "notification"].contains(service.name) {
            let document = try await service.assemble(.serve).openAPI
            #expect(!document.contains(#""description": "Done.""#), "\(service.name)")
        }
    }

    @Test(arguments: BareService.all)
    func `can be put together for every role its processes may have`(service: BareService) async throws {
        for role in service.processRoles {
            let assembly = try await service.assemble(role)
            #expect(throws: Never.self) { try RouteTable(assembly.routes) }
            #expect(Set(assembly.jobs.map(\.name)).count == assembly.jobs.count)
            #expect(Set(assembly.consumers.map(\.group)).count == assembly.consumers.count)
        }
    }

    @Test(arguments: BareService.all)
    func `asks for a token on every route that is not open or signed`(service: BareService) async throws {
        let (client, routes) = try await service.client()
        for route in routes {
            let answer = try await client.call(route.method, Self.target(of: route), json: "{}", key: "k")
            switch route.access {
            case .roles: #expect(answer.status == 401, "\(route.operation)")
            // 503 where the key itself is in the database, which is away here.
            case .signedWebhook:
                #expect([401, 503].contains(answer.status), "\(route.operation) took an unsigned webhook")
            case .open(let reason): #expect(!reason.isEmpty)
            }
        }
    }

    @Test(arguments: BareService.all)
    func `admits the named roles and scopes only (GEN-2)`(service: BareService) async throws {
        let (client, routes) = try await service.client()
        for route in routes {
            guard case .roles(let roles, let scope) = route.access else { continue }
            for role in Role.allCases {
                let scopes: Set<Scope> = roles.contains(role) ? ["other:scope"] : [scope]
                let caller = Callers.principal(role: role, scopes: scopes)
                let answer = try await client.call(
                    route.method, Self.target(of: route), as: caller, json: "{}", key: "k")
                #expect(answer.status == 403, "\(route.operation) as \(role)")
            }
        }
    }

    @Test func `asks for scopes a token can be minted with, and no token can be minted with another`() async throws {
        var asked: Set<Scope> = ["metrics:read"]
        for service in BareService.all {
            for route in try await service.assemble(.serve).routes {
                if case .roles(_, let scope) = route.access { asked.insert(scope) }
            }
        }
        #expect(asked == Set(Scope.known))
        #expect(try Scope.reading("payments:read,payments:write") == ["payments:read", "payments:write"])
        for (text, told) in [("payment:read,payments:write", "asks for payment:read."), ("", "needs scopes")] {
            let error = try #require(throws: UnknownScopes.self) { try Scope.reading(text) }
            #expect("\(error)".contains(told) && "\(error)".contains("payments:read"), "\(error)")
        }
    }

    @Test(arguments: BareService.all)
    func `demands a key of every request that makes something by POST`(service: BareService) async throws {
        let (client, routes) = try await service.client()
        for route in routes where route.method == .post {
            guard case .roles(let roles, let scope) = route.access, route.idempotency == .required,
                let role = roles.first
            else { continue }
            let caller = Callers.principal(role: role, scopes: [scope])
            let answer = try await client.call(.post, Self.target(of: route), as: caller, json: "{}")
            #expect(answer.problem == "idempotency-key-missing", "\(route.operation)")
        }
    }

    @Test(arguments: BareService.all)
    func `refuses any nonsense with a problem and never fails itself`(service: BareService) async throws {
        var randomness = SeededRandomness(seed: 11)
        let (client, routes) = try await service.client()
        for route in routes {
            guard case .roles(let roles, let scope) = route.access, let role = roles.first else { continue }
            let caller = Callers.principal(role: role, scopes: [scope])
            for _ in 0..<10 {
                let body = route.method == .get ? nil : RandomJSON.object(using: &randomness)
                let query = route.method == .get ? "?limit=\(Int.random(in: -1...9, using: &randomness))&x%00=1" : ""
                let answer = try await client.call(
                    route.method, Self.target(of: route) + query, as: caller, json: body, key: "k")
                // 503: it got as far as the database, which is away.
                #expect((400...499).contains(answer.status) || answer.status == 503, "\(route.operation) \(body ?? "")")
                #expect(answer.problem != nil && answer.json["remedy"]?.text?.isEmpty == false, "\(route.operation)")
            }
        }
    }

    /// The route's path with an id for each parameter.
    private static func target(of route: Route) -> String {
        route.path.split(separator: "/").map { step in
            step.hasPrefix("{") ? ClientID(9).description : String(step)
        }.reduce("") { $0 + "/" + $1 }
    }
}
