package import Logging

/// What provisioning and monitoring ask of the cluster.
package struct KafkaAdmin: Sendable {
    /// A topic that should exist.
    package struct TopicDescription: Hashable, Sendable {
        /// The topic's name.
        package let name: String
        /// How many partitions it is made with.
        package let partitions: Int32
        /// How many brokers keep a copy; -1 leaves it to the broker's default.
        package let replicationFactor: Int32
        /// Broker-side settings such as `retention.ms`.
        package let configuration: [String: String]

        /// Describes a topic.
        package init(
            name: String, partitions: Int32 = 12, replicationFactor: Int32 = -1, configuration: [String: String] = [:]
        ) {
            self.name = name
            self.partitions = partitions
            self.replicationFactor = replicationFactor
            self.configuration = configuration
        }
    }

    /// What became of a topic that should be made.
    package enum TopicOutcome: Hashable, Sendable {
        /// It was made now.
        case created
        /// It was there before.
        case existed
        /// It could not be made.
        case failed(KafkaError)
    }

    /// The broker-side setting that says how many copies a record must have before it counts.
    package static let inSyncMin = "min.insync.replicas"

    private let settings: KafkaSettings
    private let logger: Logger

    /// Prepares; each call makes its own short connection.
    package init(_ settings: KafkaSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Makes the topics that are missing; brokers without an admin interface refuse (`.unsupported`).
    package func createTopics(
        _ topics: [TopicDescription], timeout: Duration = .seconds(30)
    ) async throws(KafkaError) -> [String: TopicOutcome] {
        try await withClient(group: nil) { client throws(KafkaError) in
            try client.createTopics(topics, timeout: timeout)
        }
    }

    /// Counts the partitions of each of the topics that exists.
    package func partitions(
        of topics: [String], timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [String: Int32] {
        try await withClient(group: nil) { client throws(KafkaError) in
            try client.topics(timeout: timeout).found.filter { topics.contains($0.key) }.mapValues(\.partitions)
        }
    }

    /// Reports in sentences what is missing, differs from the descriptions or is not safe; empty when all is well.
    package func check(
        _ topics: [TopicDescription], timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [String] {
        try await withClient(group: nil) { client throws(KafkaError) in
            let cluster = try client.topics(timeout: timeout)
            let names = topics.map(\.name).filter { cluster.found[$0] != nil }
            // A broker without an admin interface does not tell, and then nothing is said about it.
            let inSyncMin = cluster.brokers > 1 ? (try? client.inSyncMin(of: names, timeout: timeout)) ?? [:] : [:]
            return topics.flatMap { topic -> [String] in
                guard let found = cluster.found[topic.name] else {
                    return ["topic \(topic.name) is missing: make it with \(topic.partitions) partitions"]
                }
                return found.differences(from: topic)
                    + found.dangers(to: topic.name, brokers: cluster.brokers, inSyncMin: inSyncMin[topic.name])
            }
        }
    }

    /// How many records each partition has that the group has not committed.
    ///
    /// It is read from the committed offsets and the partitions' ends, not from the admin interface, so every broker
    /// can answer. A partition without a committed offset counts from its start.
    package func lag(
        group: String, topics: [String], timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [TopicPartition: Int64] {
        try await withClient(group: group) { client throws(KafkaError) in
            let found = try client.topics(timeout: timeout).found.filter { topics.contains($0.key) }
            let partitions = found.flatMap { topic, found in
                (0..<found.partitions).map { TopicPartition(topic: topic, partition: $0) }
            }
            return try client.lag(of: partitions, timeout: timeout)
        }
    }

    private func withClient<Answer: Sendable>(
        group: String?, _ body: @escaping @Sendable (AdminClient) throws(KafkaError) -> Answer
    ) async throws(KafkaError) -> Answer {
        try await OwnThread.run { [settings, logger] () throws(KafkaError) in
            let client = try AdminClient(settings, group: group, logger: logger)
            defer { client.destroy() }
            return try body(client)
        }
    }
}
