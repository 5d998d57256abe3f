import Foundation
package import HTTPClient
package import HTTPServer
package import Logging
import NotificationService
package import PaymentModel
package import PostgresClient
import ServiceRuntime
package import TestSupport
package import TransactionalMessaging

/// The notification service as it is deployed: processes of its own, the roles of `deploy/database/roles.sql`, a
/// broker, and the sandbox behind its SMS gateway.
package struct NotificationStack: Sendable {
    package static let organisation = OrganisationID(0xA)
    package static let clinic = ClinicID(0xC)
    package static let gatewayToken = "token-of-the-chain"
    /// The same gateway for a customer who gets no receipts.
    package static let silentToken = "token-without-receipts"
    package static let webhookSecret = "secret-of-the-receipts"

    package let cluster: PrivatePostgres
    /// As the superuser, whom nothing stops.
    package let settings: PostgresSettings
    /// As the service's own role.
    package let database: Database
    package let sandbox: PrivateSandbox
    package let broker: PrivateBroker
    package let key: SigningKey
    package let port: Int
    package let folder: TemporaryFolder
    package private(set) var client: HTTPClient
    /// Of every process, without those of one service alone.
    package let common: [String: String]
    /// Of the notification service.
    package let own: [String: String]

    package static let logger = Logger(label: "notification") { _ in SwiftLogNoOpLogHandler() }

    /// Everything but the service's processes.
    package static func start(
        _ own: [String: String] = [:], sandbox arguments: [String] = [], on given: PrivatePostgres? = nil,
        at port: Int? = nil, urls: (String) -> [String: String] = { _ in [:] }
    ) async throws -> NotificationStack {
        let cluster: PrivatePostgres
        if let given { cluster = given } else { cluster = try await PrivatePostgres.shared() }
        let settings = try await cluster.databaseOfServices()
        let database = database(settings, role: NotificationService.schema)
        try await cluster.migrate(NotificationService.schema, NotificationService.migrations, in: settings)
        let key = try SigningKey.generate(id: "tests")
        let broker = try await PrivateBroker.start()
        let sandbox = try await PrivateSandbox.start(["--sms-account", "\(silentToken)=1000000"] + arguments)
        let common = [
            "QUITTANCE_TOKEN_KEYS": key.publicKeySet, "QUITTANCE_POSTGRES_HOST": settings.host,
            "QUITTANCE_POSTGRES_PORT": "\(settings.port)", "QUITTANCE_POSTGRES_DATABASE": settings.database,
            "QUITTANCE_POSTGRES_TLS": "disable", "QUITTANCE_KAFKA_SERVERS": broker.bootstrapServers,
            "QUITTANCE_KAFKA_TOPICS": "ignore", "QUITTANCE_KAFKA_SESSION_TIME": "6s",
            "QUITTANCE_KAFKA_PROPERTIES": "fetch.wait.max.ms=20,heartbeat.interval.ms=500",
        ]
        let gateway = [
            "QUITTANCE_SIGNING_KEY": key.privateKeyText, "QUITTANCE_SMSFACTOR_URL": sandbox.smsFactorURL,
            "QUITTANCE_SMSFACTOR_TOKEN": gatewayToken, "QUITTANCE_SMSFACTOR_WEBHOOK_SECRET": webhookSecret,
            // Nobody listens there: a rehearsal refuses the ports of real mail servers.
            "QUITTANCE_SMTP_HOST": "localhost", "QUITTANCE_SMTP_PORT": "9",
        ]
        let stack = NotificationStack(
            cluster: cluster, settings: settings, database: database, sandbox: sandbox, broker: broker, key: key,
            port: try port ?? FreePort.pick(), folder: try TemporaryFolder(), client: HTTPClient(logger: logger),
            common: common, own: gateway.merging(own) { $1 }.merging(urls(sandbox.url)) { $1 })
        try await stack.openAccount()
        return stack
    }

    /// The same database as another role.
    package static func database(_ settings: PostgresSettings, role: String) -> Database {
        var settings = settings
        settings.user = role
        settings.searchPath = role
        return Database(pool: PostgresPool(settings, logger: logger), ids: .system, time: .system)
    }

    /// The superuser's connections to a database of the service in which nothing is yet.
    package static func emptyDatabase(on cluster: PrivatePostgres) async throws -> PostgresPool {
        var settings = try await cluster.databaseOfServices()
        try await cluster.migrate(NotificationService.schema, NotificationService.migrations, in: settings)
        settings.searchPath = NotificationService.schema
        return PostgresPool(settings, logger: logger)
    }

    private func openAccount() async throws {
        let receipts = "http://127.0.0.1:\(port)/webhooks/smsfactor/receipts"
        try await sandbox.control(
            .post, "/sms/accounts",
            """
            {"token":"\(Self.gatewayToken)","credits":1000000,"receiptURL":"\(receipts)",
             "signature":"\(Self.webhookSecret)","signatureMode":"hmac"}
            """)
    }

    // MARK: Processes

    /// Starts the server of the notification service and waits until it takes requests.
    package func serve() async throws -> ServiceChild {
        let child = try child("notification", "serve", own.merging(["QUITTANCE_HTTP_PORT": "\(port)"]) { $1 })
        try await waitUntilReady(child, port)
        return child
    }

    /// Starts a worker; it needs no announcing, so nothing is waited for.
    package func work(_ settings: [String: String] = [:]) throws -> ServiceChild {
        let extra = settings.merging(["QUITTANCE_HTTP_PORT": "0"]) { $1 }
        return try child("notification", "work", own.merging(extra) { $1 })
    }

    /// The settings of a payment-orchestrator that works with the sandbox's providers.
    package func paymentSettings(at port: Int) -> [String: String] {
        [
            "QUITTANCE_HTTP_PORT": "\(port)", "QUITTANCE_PUBLIC_URL": "http://127.0.0.1:\(port)",
            "QUITTANCE_SEALING_KEYS": "first:" + Data(repeating: 7, count: 32).base64EncodedString(),
            "QUITTANCE_PROVIDER_MODE": "test", "QUITTANCE_ALMA_TEST_URL": sandbox.almaURL,
            "QUITTANCE_STRIPE_URL": sandbox.stripeURL, "QUITTANCE_PAYPAL_TEST_URL": sandbox.paypalURL,
        ]
    }

    package func child(_ program: String, _ role: String, _ environment: [String: String]) throws -> ServiceChild {
        try ServiceChild(
            program, [role], environment: common.merging(environment) { $1 },
            log: "\(folder.path)/\(program)-\(role).log")
    }

    package func waitUntilReady(_ child: ServiceChild, _ port: Int) async throws {
        try await waitUntil("the service on port \(port) is ready (its log is in \(folder.path))") {
            guard child.isRunning else { throw BenchFailure(text: "it ended: \(try log())") }
            let request = HTTPRequest(.get, "http://127.0.0.1:\(port)/health/ready", totalTimeout: .seconds(2))
            return (try? await client.send(request))?.status == 200
        }
    }

    /// What all processes wrote.
    package func log() throws -> String {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".log") }.map {
            try String(contentsOfFile: "\(folder.path)/\($0)", encoding: .utf8)
        }.joined(separator: "\n")
    }
}

// MARK: Calls

extension NotificationStack {
    /// The same with a client that has no connection yet.
    package func callingAnew() -> NotificationStack {
        var other = self
        other.client = HTTPClient(logger: Self.logger)
        return other
    }

    /// Plants a fault of the outside world; answers its number.
    @discardableResult
    package func fault(_ json: String) async throws -> Int {
        let planted = try await sandbox.control(.post, "/faults", json)
        guard let number = planted["id"].int else { throw BenchFailure(text: "\(planted)") }
        return number
    }

    /// The gateway goes on with the calls that a fault holds.
    package func release(_ fault: Int) async throws { try await sandbox.control(.post, "/faults/\(fault)/release") }

    package static func principal(
        _ organisation: OrganisationID = organisation, role: Role = .manager, clinics: ClinicAccess = .all,
        scopes: Set<Scope> = [
            "messages:read", "messages:write", "payments:read", "payments:write", "payments:refund", "accounts:read",
            "accounts:write",
        ]
    ) -> Principal {
        Principal(subject: "tester", organisation: organisation, clinics: clinics, role: role, scopes: scopes)
    }

    /// Calls a route over the network, the notification service's unless another port is given.
    package func call(
        _ method: HTTPRequest.Method, _ path: String, _ json: String? = nil, at port: Int? = nil,
        as principal: Principal? = NotificationStack.principal(), headers extra: [(String, String)] = []
    ) async throws -> HTTPResponse {
        try await call(
            method, path, bytes: json.map { Array($0.utf8) } ?? (method == .get ? nil : []), at: port, as: principal,
            headers: extra)
    }

    /// The same with a body that need not be a text.
    package func call(
        _ method: HTTPRequest.Method, _ path: String, bytes body: [UInt8]?, at port: Int? = nil,
        as principal: Principal?, headers extra: [(String, String)] = []
    ) async throws -> HTTPResponse {
        var headers = [("Content-Type", "application/json")] + extra
        if !extra.contains(where: { $0.0 == "Idempotency-Key" }) { headers.append(("Idempotency-Key", "\(UUID())")) }
        if let principal {
            let rules = TokenRules(issuer: "quittance", audience: "quittance")
            let token = try await key.mint(
                principal, rules: rules, from: TimeSource.system.now(), lifetime: .seconds(60))
            headers.append(("Authorization", "Bearer \(token)"))
        }
        return try await client.send(
            HTTPRequest(method, "http://127.0.0.1:\(port ?? self.port)\(path)", headers: headers, body: body))
    }

    /// What a process counts and measures, the notification server unless another port is given.
    package func metrics(at port: Int? = nil) async throws -> MetricPage {
        let scraper = Self.principal(role: .service, scopes: ["metrics:read"])
        let answer = try await call(.get, "/metrics", at: port, as: scraper)
        guard answer.status == 200 else { throw BenchFailure(text: "/metrics: \(answer.status)") }
        return MetricPage(answer.body)
    }

    /// Waits until the service has taken in an event.
    package func takesIn(_ event: EventID) async throws {
        try await waitUntil("it is taken in") {
            try await database.read(organisation: nil) { transaction in
                try transaction.one(
                    """
                    SELECT count(*) > 0 AS is_in FROM cause
                    WHERE scope = 'message:notification' AND key = \(event.description)
                    """
                ) { row in try row("is_in") }
            }
        }
    }
}

extension HTTPResponse {
    /// The body as JSON; null when it is none.
    package var json: JSONValue { (try? JSONParser.parse(body)) ?? .null }
}
