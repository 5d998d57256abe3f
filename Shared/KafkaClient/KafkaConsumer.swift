package import Logging

/// Reads a group's share of some topics, with offsets committed only when told.
package final class KafkaConsumer: Sendable {
    /// What to do when partitions come and go.
    package typealias PartitionsChanged = @Sendable ([TopicPartition]) async -> Void

    /// Joins the group.
    package init(
        _ settings: KafkaSettings, group: String, topics: [String],
        onAssigned: @escaping PartitionsChanged = { _ in },
        onRevoked: @escaping PartitionsChanged = { _ in },
        onLost: PartitionsChanged? = nil,
        logger: Logger
    ) throws(KafkaError) {
    }

    /// Waits at most `wait` for records and returns at most `max` of them.
    package func nextBatch(max: Int, wait: Duration) async throws(KafkaError) -> [KafkaConsumedRecord] {
        throw .closed
    }

    /// Stores the group's offsets: for each partition the offset of the next record to read.
    @discardableResult
    package func commit(_ offsets: [TopicPartition: Int64]) async throws(KafkaError) -> CommitOutcome {
        throw .closed
    }

    /// Reads on from these offsets; records fetched before are dropped.
    package func seek(_ offsets: [TopicPartition: Int64]) async throws(KafkaError) {
        throw .closed
    }

    /// Stops handing out records of these partitions until they are resumed or reassigned.
    package func pause(_ partitions: Set<TopicPartition>) async throws(KafkaError) {
        throw .closed
    }

    /// Hands out records of these partitions again.
    package func resume(_ partitions: Set<TopicPartition>) async throws(KafkaError) {
        throw .closed
    }

    /// The partitions that are ours now.
    package func assignment() async throws(KafkaError) -> Set<TopicPartition> {
        throw .closed
    }

    /// Leaves the group after the revoke handler ran, within the limits of the settings.
    package func close() async {
    }
}
