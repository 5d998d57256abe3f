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

/// The servers and the gateway workers are measured with; the workers are processes, as they are deployed, and end with
/// the benchmark however that ends.
struct WorkersStage: Sendable {
    private let postgres: PrivatePostgres
    private let broker: PrivateBroker
    private let sandbox: PrivateSandbox
    /// As the superuser.
    let settings: PostgresSettings
    let database: Database
    private let client: HTTPClient
    private let environment: [String: String]
    /// Of what the processes say.
    private let folder: TemporaryFolder
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
            client: HTTPClient(logger: logger), environment: environment.merging(more) { $1 },
            folder: try TemporaryFolder(), signingKey: key.privateKeyText)
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

    /// What so many workers made of their messages.
    struct Round: Sendable {
        /// Messages per second, from the moment they may leave to the last outcome.
        let rate: Double
        /// How many of the machine's cores did something meanwhile, on the average.
        let busyCores: Double
    }

    func round(
        of size: Int, messages: Int, by route: String = "smsfactor", promised parts: Int = 0
    ) async throws -> Round {
        try await fill(messages, by: route, promised: parts)
        var workers: [ServiceProcess] = []
        for _ in 0..<size { workers.append(try process("work", try FreePort.pick())) }
        for worker in workers { try await waitUntilReady(worker) }
        let (start, before) = (ContinuousClock.now, try CoreTimes.now())
        try await everybody { transaction in
            try transaction.execute("UPDATE message SET next_try_at = now() WHERE state = 'ready'")
        }
        try await waitSeldom(until: "all have left", within: .seconds(600)) { try await !somethingWaits() }
        let time = ContinuousClock.now - start
        let busyCores = try CoreTimes.now().busy(since: before)
        for worker in workers { try await worker.child.kill() }
        try await expectLeft(messages)
        return Round(rate: Double(messages) / (time / .seconds(1)), busyCores: busyCores)
    }

    /// What failed, or has an outcome nobody knows, is no message that was sent: its round counts for nothing.
    private func expectLeft(_ messages: Int) async throws {
        let states = try await database.read(organisation: nil) { transaction in
            try transaction.query("SELECT state, count(*) AS count FROM message GROUP BY state") { row in
                (state: try row("state") as String, count: try row("count") as Int)
            }
        }
        let left = states.filter { $0.state == "sent" || $0.state == "delivered" }.reduce(0) { $0 + $1.count }
        guard left == messages else { throw BenchFailure(text: "of \(messages) messages \(left) left: \(states)") }
    }

    /// Looks rarely: whoever looks takes from the cores that are measured.
    func waitSeldom(
        until sentence: String, within limit: Duration, every pause: Duration = .milliseconds(50),
        _ holds: () async throws -> Bool
    ) async throws {
        try await waitUntil(sentence, within: limit) {
            if try await holds() { return true }
            try await Task.sleep(for: pause)
            return false
        }
    }

    /// Messages that wait for a word; so many parts of their organisation's quota are promised to each.
    func fill(_ messages: Int, by route: String = "smsfactor", promised parts: Int = 0) async throws {
        try await everybody { transaction in
            try transaction.execute("DELETE FROM message")
            // Events of the round before that nobody published are no work of this one.
            try transaction.execute("DELETE FROM outbox")
            try transaction.execute(
                """
                INSERT INTO message (id, organisation, occasion, channel, lane, dedup_key, payment, client, facts, state,
                    address, subject, body, route, next_try_at, planned_parts, reserved_parts, is_counted)
                SELECT gen_random_uuid(), \(Self.organisation), 'payment-link', 'sms', 'normal', 'benchmark/' || number,
                    gen_random_uuid(), gen_random_uuid(), '{}', 'ready', '+336' || lpad(number::text, 8, '0'), '',
                    'Pour payer, suivez ce lien', \(route), 'infinity', 1, \(Int32(parts)), \(parts == 0)
                FROM generate_series(1, \(messages)) AS number
                """)
            if parts > 0 { try promise(messages * parts, in: &transaction) }
        }
        try await tidy()
    }

    /// Has so many parts of the quota promised, which are booked for it.
    func promise(_ parts: Int, in transaction: inout PostgresTransaction) throws {
        try transaction.execute(
            """
            INSERT INTO quota (organisation, booked, reserved) VALUES (\(Self.organisation), \(parts), \(parts))
            ON CONFLICT (organisation) DO UPDATE
            SET booked = quota.booked + EXCLUDED.booked, reserved = quota.reserved + EXCLUDED.reserved
            """)
    }

    /// Leaves no dead rows of one round for the next to pass by, and lets the database know what is in its tables.
    func tidy() async throws {
        let tables = ["message", "outbox", "consent", "quota"].map { "notification.\($0)" }
        let vacuum = "VACUUM (ANALYZE) \(tables.joined(separator: ", "))"
        try await postgres.program("psql", ["-X", "-q", "-d", settings.database, "-c", vacuum])
    }

    private func somethingWaits() async throws -> Bool {
        try await database.read(organisation: nil) { transaction in
            try transaction.one(
                """
                SELECT EXISTS (SELECT FROM message WHERE state = 'ready')
                    OR EXISTS (SELECT FROM message WHERE state = 'claimed') AS waits
                """
            ) { row in try row("waits") }
        }
    }

    func everybody(_ body: @escaping @Sendable (inout PostgresTransaction) throws -> Void) async throws {
        try await database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every"), body)
    }

    /// A process of the service, with where it answers for its health.
    struct ServiceProcess: Sendable {
        let child: ServiceChild
        let port: Int
        let log: String
    }

    /// A worker that is ready, and the server.
    func worker() async throws -> ServiceProcess { try await started("work") }
    func server() async throws -> ServiceProcess { try await started("serve") }

    private func started(_ role: String) async throws -> ServiceProcess {
        let process = try process(role, try FreePort.pick())
        try await waitUntilReady(process)
        return process
    }

    private func process(_ role: String, _ port: Int) throws -> ServiceProcess {
        let log = "\(folder.path)/\(role)-\(port).log"
        let child = try ServiceChild(
            "notification", [role], environment: environment.merging(["QUITTANCE_HTTP_PORT": "\(port)"]) { $1 },
            log: log)
        return ServiceProcess(child: child, port: port, log: log)
    }

    private func waitUntilReady(_ process: ServiceProcess) async throws {
        try await waitUntil("the process on port \(process.port) is ready", within: .seconds(30)) {
            guard process.child.isRunning else {
                let log = try String(contentsOfFile: process.log, encoding: .utf8)
                throw BenchFailure(text: "notification ended: \(log.suffix(2_000))")
            }
            let ready = HTTPRequest(
                .get, "http://127.0.0.1:\(process.port)/health/ready", totalTimeout: .seconds(2))
            return (try? await client.send(ready))?.status == 200
        }
    }
}
