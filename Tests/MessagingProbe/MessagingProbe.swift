import ArgumentParser
import KafkaClient
import Logging
import PaymentModel
import PostgresClient
import ServiceLifecycle
import TestSupport
import TransactionalMessaging

/// One process of the messaging tests: a writer, a relay or a consumer that can be told where to die.
@main
struct MessagingProbe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messaging-probe", abstract: "One process of the messaging tests.")

    @Option(help: "What it does: write, relay, consume or retry; several run side by side.")
    var role: [ProbeRole]

    @Option(help: "Folder of the server's socket, or its host.")
    var host: String

    @Option(help: "The server's port.")
    var port: Int

    @Option(help: "Database.")
    var database: String

    @Option(help: "User.")
    var user: String

    @Option(help: "Schema.")
    var schema: String

    @Option(help: "Addresses of the broker.")
    var broker: String = ""

    @Option(
        help: """
            Where it kills itself, as outboxSending:2 for the second time there, messagesHandled:1:messagesSought for \
            the first time after that, or stops: outboxClaimed:1:freeze.
            """)
    var crash: CrashPlan?

    @Option(help: "How many runs a writer writes.")
    var runs = 0

    @Option(help: "How many aggregates a writer changes.")
    var subjects = 1

    @Option(help: "A consumer's group.")
    var group = "probe"

    @Option(help: "How many messages may wait in a consumer's memory.")
    var waitingMax = RetryPolicy.quick.waitingMax

    @Option(help: "How many messages share a consumer's transaction.")
    var batchMax = RetryPolicy.quick.batchMax

    func run() async throws {
        var logger = Logger(label: "messaging-probe")
        logger.logLevel = .critical
        let settings = PostgresSettings(
            host: host, port: port, database: database, user: user, applicationName: "messaging-probe",
            searchPath: schema, connections: 4, tls: .disable)
        let work = ProbeProcess(
            database: Database(
                pool: PostgresPool(settings, logger: logger), ids: .random, time: .sometime,
                checkpoints: crash?.checkpoints ?? .none),
            kafka: .local(broker), logger: logger)
        try await withThrowingTaskGroup { tasks in
            for role in role { tasks.addTask { try await work.run(role, self) } }
            try await tasks.waitForAll()
        }
    }
}

/// What a probe does.
enum ProbeRole: String, ExpressibleByArgument, CaseIterable {
    case write, relay, consume, consumeTogether, retry
}
