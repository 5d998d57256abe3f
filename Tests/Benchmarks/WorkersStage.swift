import Foundation
import HTTPClient
import HTTPServer
import Logging
import NotificationService
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import TransactionalMessaging

/// The servers and the gateway workers are measured with; the workers are processes, as they are deployed.
struct WorkersStage: Sendable {
    private let postgres: PrivatePostgres
    private let broker: PrivateBroker
    private let sandbox: PrivateSandbox
    /// As the superuser.
    let settings: PostgresSettings
    let database: Database
    private let client: HTTPClient
    private let environment: [String: String]
    /// Signs tokens for the metrics of its processes.
    let signingKey: String

    static let token = "token-of-the-benchmark"
    static let organisation = OrganisationID(0xA)

    /// Where an SMS goes.
    var gatewayURL: String { sandbox.smsFactorURL }

    static func start(
        answerMilliseconds: Int, calls: Int, _ more: [String: String] = [:]
    ) async throws -> WorkersStage {
        var logger = Logger(label: "benchmarks")
        logger.logLevel = .error
        // Commits wait for the disk, as they do where it counts.
        let postgres = try await PrivatePostgres.start(.durable)
        let settings = try await postgres.databaseOfServices()
        try await postgres.migrate(NotificationService.schema, NotificationService.migrations, in: settings)
        let broker = try await PrivateBroker.start()
        let sandbox = try await PrivateSandbox.start(["--sms-account", "\(token)=100000000"])
        if answerMilliseconds > 0 {
            try await sandbox.control(
                .post, "/faults",
                #"{"operation":"smsfactor.send","kind":"slow","milliseconds":\#(answerMilliseconds),"times":0}"#)
        }
        var own = settings
        own.user = NotificationService.schema
        own.searchPath = NotificationService.schema
        let key = try SigningKey.generate(id: "benchmarks")
        let environment = try environment(settings, broker, sandbox, key, calls: calls)
        return WorkersStage(
            postgres: postgres, broker: broker, sandbox: sandbox, settings: settings,
            database: Database(pool: PostgresPool(own, logger: logger), ids: .system, time: .system),
            client: HTTPClient(logger: logger),
            environment: environment.merging(more) { $1 }, signingKey: key.privateKeyText)
    }

    private static func environment(
        _ settings: PostgresSettings, _ broker: PrivateBroker, _ sandbox: PrivateSandbox, _ key: SigningKey, calls: Int
    ) throws -> [String: String] {
        [
            "QUITTANCE_TOKEN_KEYS": key.publicKeySet, "QUITTANCE_SIGNING_KEY": key.privateKeyText,
            "QUITTANCE_POSTGRES_HOST": settings.host, "QUITTANCE_POSTGRES_PORT": "\(settings.port)",
            "QUITTANCE_POSTGRES_DATABASE": settings.database, "QUITTANCE_POSTGRES_TLS": "disable",
            "QUITTANCE_KAFKA_SERVERS": broker.bootstrapServers, "QUITTANCE_KAFKA_TOPICS": "ignore",
            "QUITTANCE_SMSFACTOR_URL": sandbox.smsFactorURL, "QUITTANCE_SMSFACTOR_TOKEN": token,
            "QUITTANCE_SMSFACTOR_WEBHOOK_SECRET": "none", "QUITTANCE_GATEWAY_CALLS_MAX": "\(calls)",
            "QUITTANCE_LOOK_EVERY": "100ms",
        ]
    }

    func end() async {
        await database.pool.close()
        await broker.stop()
        sandbox.stop()
    }

    /// Messages per second of so many workers, from the moment they may leave to the last outcome.
    func rate(of size: Int, messages: Int, by route: String = "smsfactor") async throws -> Double {
        try await fill(messages, by: route)
        let ports = try (0..<size).map { _ in try FreePort.pick() }
        let workers = try ports.map(worker)
        for port in ports { try await waitUntilReady(port) }
        let start = ContinuousClock.now
        try await everybody { transaction in
            try transaction.execute("UPDATE message SET next_try_at = now() WHERE state = 'ready'")
        }
        try await waitUntil("all have left", within: .seconds(600)) { try await left() == 0 }
        let time = ContinuousClock.now - start
        workers.forEach(end)
        return Double(messages) / (time / .seconds(1))
    }

    func end(_ process: Process) {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Messages that wait for a word.
    func fill(_ messages: Int, by route: String = "smsfactor") async throws {
        try await everybody { transaction in
            try transaction.execute("DELETE FROM message")
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, payment, client, facts, state,
                    address, subject, body, route, next_try_at)
                SELECT gen_random_uuid(), \(Self.organisation), 'payment-link', 'sms', 'normal', 'benchmark/' || number,
                    gen_random_uuid(), gen_random_uuid(), '{}', 'ready', '+336' || lpad(number::text, 8, '0'), '',
                    'Pour payer, suivez ce lien', \(route), 'infinity'
                FROM generate_series(1, \(messages)) AS number
                """)
        }
    }

    private func left() async throws -> Int {
        try await database.read(organisation: nil) { transaction in
            try transaction.one("SELECT count(*) AS count FROM message WHERE state IN ('ready', 'claimed')") { row in
                try row("count")
            }
        }
    }

    func everybody(_ body: @escaping @Sendable (inout PostgresTransaction) throws -> Void) async throws {
        try await database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every"), body)
    }

    /// A worker that is ready, and the server.
    func worker(at port: Int) async throws -> Process { try await started("work", port) }
    func server(at port: Int) async throws -> Process { try await started("serve", port) }

    private func started(_ role: String, _ port: Int) async throws -> Process {
        let process = try process(role, port)
        try await waitUntilReady(port)
        return process
    }

    private func worker(_ port: Int) throws -> Process { try process("work", port) }

    private func process(_ role: String, _ port: Int) throws -> Process {
        let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).resolvingSymlinksInPath()
        let process = Process()
        process.executableURL = here.deletingLastPathComponent().appendingPathComponent("notification")
        process.arguments = [role]
        process.environment = environment.merging(["QUITTANCE_HTTP_PORT": "\(port)"]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.runWithOpenSignals()
        return process
    }

    private func waitUntilReady(_ port: Int) async throws {
        try await waitUntil("the process on port \(port) is ready", within: .seconds(30)) {
            let request = HTTPRequest(.get, "http://127.0.0.1:\(port)/health/ready", totalTimeout: .seconds(2))
            return (try? await client.send(request))?.status == 200
        }
    }
}
