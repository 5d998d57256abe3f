import EventContract
package import KafkaClient
package import Logging
import Metrics
import Observability
import Synchronization
package import TransactionalMessaging

/// Makes the topics a service needs, or says which are missing.
package struct Topics: Sendable {
    private let kafka: KafkaSettings
    private let settings: Settings
    private let logger: Logger
    private let reported = Reported()

    /// How long a start waits for brokers that do not answer; the service can take requests without them.
    private static let timeMax = Duration.seconds(5)

    /// The topics of these brokers.
    package init(_ kafka: KafkaSettings, _ settings: Settings, _ logger: Logger) {
        self.kafka = kafka
        self.settings = settings
        self.logger = logger
    }

    /// Makes what is missing and says what is not as it should be; neither keeps the service from starting.
    package func prepare(for consumers: [Consumer]) async {
        let mode = settings[StandardSettings.kafkaTopics]
        guard mode != "ignore" else { return }
        let descriptions = descriptions(consumers)
        var wrong: [String] = []
        do {
            let admin = KafkaAdmin(kafka, logger: logger)
            if mode == "create" { wrong += try await create(descriptions, admin) }
            wrong += try await admin.check(descriptions, timeout: Self.timeMax)
        } catch {
            wrong.append("\(error)")
        }
        report(wrong)
    }

    /// Brokers that were away at the start, or came back empty, get their topics all the same.
    package func jobs(for consumers: [Consumer]) -> [Job] {
        guard settings[StandardSettings.kafkaTopics] == "create" else { return [] }
        return [Job("prepare-topics", every: .seconds(60)) { await prepare(for: consumers) }]
    }

    private func create(
        _ descriptions: [KafkaAdmin.TopicDescription], _ admin: KafkaAdmin
    ) async throws -> [String] {
        let outcomes = try await admin.createTopics(descriptions, timeout: Self.timeMax)
        return outcomes.sorted { $0.key < $1.key }.compactMap { topic, outcome in
            switch outcome {
            case .created:
                logger.notice("topic made", metadata: [LogField.topic: .string(topic)])
                return nil
            case .existed: return nil
            case .failed(let error): return "topic \(topic) could not be made: \(error)"
            }
        }
    }

    /// What was said at the look before is not said again: it waits for a person.
    private func report(_ wrong: [String]) {
        for reason in reported.new(of: wrong) {
            logger.warning(
                "topics are not as they should be",
                metadata: [
                    LogField.reason: .string(Secret.redacting(reason)),
                    LogField.remedy: "check the brokers and QUITTANCE_KAFKA_SERVERS; see Topics in deploy/README.md",
                ])
        }
    }

    /// All topics of the contract, whoever starts first, and those for parked messages of this service's groups.
    private func descriptions(_ consumers: [Consumer]) -> [KafkaAdmin.TopicDescription] {
        let partitions = Int32(settings[StandardSettings.kafkaPartitions])
        return Topic.allCases.map { description($0.rawValue, partitions: partitions, retention: $0.retention) }
            + consumers.map { description($0.deadLetterTopic, partitions: 1, retention: nil) }
    }

    private func description(
        _ name: String, partitions: Int32, retention: Duration?
    ) -> KafkaAdmin.TopicDescription {
        let replicas = settings[StandardSettings.kafkaReplicas]
        let inSyncMin = settings[StandardSettings.kafkaInSyncMin]
        var configuration = ["retention.ms": retention.map { "\($0.components.seconds * 1_000)" } ?? "-1"]
        if inSyncMin > 0 { configuration[KafkaAdmin.inSyncMin] = "\(inSyncMin)" }
        return KafkaAdmin.TopicDescription(
            name: name, partitions: partitions, replicationFactor: replicas > 0 ? Int32(replicas) : -1,
            configuration: configuration)
    }
}

/// What was wrong at the last look.
private final class Reported: Sendable {
    private let last = Mutex<Set<String>>([])

    func new(of reasons: [String]) -> [String] {
        last.withLock { last in
            defer { last = Set(reasons) }
            return reasons.filter { !last.contains($0) }
        }
    }
}

/// Measures how far a service's consumers are behind.
struct ConsumerLag {
    private let kafka: KafkaSettings
    private let consumers: [Consumer]
    private let logger: Logger

    private static let interval = Duration.seconds(30)

    init(_ kafka: KafkaSettings, _ consumers: [Consumer], logger: Logger) {
        self.kafka = kafka
        self.consumers = consumers
        self.logger = logger
    }

    /// The job that measures; none where nothing is consumed.
    var jobs: [Job] {
        guard !consumers.isEmpty else { return [] }
        return [Job("measure-consumer-lag", every: Self.interval) { try await measure() }]
    }

    private func measure() async throws {
        for consumer in consumers {
            let lag = try await KafkaAdmin(kafka, logger: logger).lag(
                group: consumer.group, topics: consumer.topics.map(\.rawValue))
            for (topic, records) in Dictionary(grouping: lag, by: \.key.topic) {
                Gauge(
                    label: "quittance_consumer_lag_records", dimensions: [("group", consumer.group), ("topic", topic)]
                )
                .record(records.reduce(0) { $0 + $1.value })
            }
        }
    }
}
