import EventContract
import KafkaClient
import Logging
import Metrics
import Observability
import TransactionalMessaging

/// Makes the topics a service needs, or says which are missing.
struct Topics {
    private let kafka: KafkaSettings
    private let settings: Settings
    private let logger: Logger

    /// How long a start waits for brokers that do not answer; the service can take requests without them.
    private static let timeMax = Duration.seconds(5)

    init(_ kafka: KafkaSettings, _ settings: Settings, _ logger: Logger) {
        self.kafka = kafka
        self.settings = settings
        self.logger = logger
    }

    /// Answers whether all of them are there as far as we know.
    @discardableResult
    func prepare(for consumers: [Consumer]) async -> Bool {
        let descriptions = descriptions(consumers)
        do {
            switch settings[StandardSettings.kafkaTopics] {
            case "create": return try await create(descriptions)
            case "check":
                try await check(descriptions)
                return true
            default: return true
            }
        } catch {
            report("\(error)")
            return false
        }
    }

    /// Brokers that were away at the start, or came back empty, get their topics all the same.
    func job(for consumers: [Consumer]) -> Job {
        Job("prepare-topics", every: .seconds(60)) { await prepare(for: consumers) }
    }

    private func create(_ descriptions: [KafkaAdmin.TopicDescription]) async throws -> Bool {
        let outcomes = try await KafkaAdmin(kafka, logger: logger).createTopics(descriptions, timeout: Self.timeMax)
        var all = true
        for (topic, outcome) in outcomes.sorted(by: { $0.key < $1.key }) {
            switch outcome {
            case .created: logger.notice("topic made", metadata: [LogField.topic: .string(topic)])
            case .existed: continue
            case .failed(let error):
                all = false
                report("\(topic): \(error)")
            }
        }
        return all
    }

    private func check(_ descriptions: [KafkaAdmin.TopicDescription]) async throws {
        for difference in try await KafkaAdmin(kafka, logger: logger).check(descriptions, timeout: Self.timeMax) {
            report(difference)
        }
    }

    private func report(_ reason: String) {
        logger.warning(
            "topics are not as they should be",
            metadata: [
                LogField.reason: .string(Secret.redacting(reason)),
                LogField.remedy: "check the brokers and QUITTANCE_KAFKA_SERVERS; until then events wait in the outbox",
            ])
    }

    /// All topics of the contract, whoever starts first, and those for parked messages of this service's groups.
    private func descriptions(_ consumers: [Consumer]) -> [KafkaAdmin.TopicDescription] {
        let partitions = Int32(settings[StandardSettings.kafkaPartitions])
        let contract = Topic.allCases.map { topic in
            KafkaAdmin.TopicDescription(
                name: topic.rawValue, partitions: partitions, configuration: Self.retention(topic.retention))
        }
        let parked = consumers.map { consumer in
            KafkaAdmin.TopicDescription(
                name: consumer.deadLetterTopic, partitions: 1, configuration: Self.retention(nil))
        }
        return contract + parked
    }

    private static func retention(_ retention: Duration?) -> [String: String] {
        ["retention.ms": retention.map { "\($0.components.seconds * 1_000)" } ?? "-1"]
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
