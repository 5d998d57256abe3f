/// A topic as the cluster has it.
package struct FoundTopic: Hashable, Sendable {
    /// How many partitions it has.
    package let partitions: Int32
    /// How many brokers keep a copy of it, counted where there are fewest.
    package let replicas: Int32

    /// A topic that was found.
    package init(partitions: Int32, replicas: Int32) {
        self.partitions = partitions
        self.replicas = replicas
    }

    /// What is not as it was described, in sentences.
    package func differences(from topic: KafkaAdmin.TopicDescription) -> [String] {
        var sentences: [String] = []
        if partitions != topic.partitions {
            sentences.append(
                "topic \(topic.name) has \(partitions) partitions instead of \(topic.partitions); more may be added, "
                    + "but then a key's later records go to another partition than its earlier ones")
        }
        if replicas < topic.replicationFactor {
            sentences.append(
                "topic \(topic.name) has \(replicas) of the \(topic.replicationFactor) copies it should have")
        }
        return sentences
    }

    /// What makes the loss of one broker lose records or stop the topic, in sentences; a cluster of one has no choice.
    package func dangers(to name: String, brokers: Int, inSyncMin: Int32?) -> [String] {
        guard brokers > 1 else { return [] }
        guard replicas > 1 else {
            return ["topic \(name) has one copy on \(brokers) brokers: whoever loses that broker loses its records"]
        }
        guard let inSyncMin else { return [] }
        if inSyncMin < 2 {
            return [
                "topic \(name) has \(KafkaAdmin.inSyncMin) \(inSyncMin): a record counts once one broker has it, "
                    + "and is lost with that broker; set it to 2"
            ]
        }
        if inSyncMin >= replicas {
            return [
                "topic \(name) has \(KafkaAdmin.inSyncMin) \(inSyncMin) and \(replicas) copies: one broker away "
                    + "stops it; add a copy"
            ]
        }
        return []
    }
}
