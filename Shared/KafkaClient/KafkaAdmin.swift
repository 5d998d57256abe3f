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

    private let settings: KafkaSettings
    private let logger: Logger

    /// Prepares; each call makes its own short connection.
    package init(_ settings: KafkaSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Makes the topics that are missing.
    package func createTopics(
        _ topics: [TopicDescription], timeout: Duration = .seconds(30)
    ) async throws(KafkaError) -> [String: TopicOutcome] {
        throw .closed
    }

    /// Counts the partitions of each topic that exists.
    package func partitions(
        of topics: [String], timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [String: Int32] {
        throw .closed
    }

    /// Reports what is missing or differs from the description; empty when all is well.
    package func check(_ topics: [TopicDescription], timeout: Duration = .seconds(10)) async throws(KafkaError)
        -> [String]
    {
        throw .closed
    }

    /// How many records each partition has that the group has not committed.
    package func lag(
        group: String, topics: [String], timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [TopicPartition: Int64] {
        throw .closed
    }
}
