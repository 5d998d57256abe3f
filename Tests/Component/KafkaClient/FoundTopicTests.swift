import KafkaClient
import Testing

@Suite struct `A topic of the cluster` {
    private func dangers(replicas: Int32, inSyncMin: Int32?, brokers: Int) -> [String] {
        FoundTopic(partitions: 12, replicas: replicas).dangers(to: "t", brokers: brokers, inSyncMin: inSyncMin)
    }

    @Test func `is in no danger on one broker, nor with three copies of which two must have a record`() {
        #expect(dangers(replicas: 1, inSyncMin: 1, brokers: 1).isEmpty)
        #expect(dangers(replicas: 3, inSyncMin: 2, brokers: 3).isEmpty)
        #expect(dangers(replicas: 3, inSyncMin: nil, brokers: 3).isEmpty, "a broker that does not tell")
    }

    @Test func `is in danger with one copy, or when a record counts on one broker, or stops without any`() {
        #expect(dangers(replicas: 1, inSyncMin: 1, brokers: 3).first?.contains("one copy") == true)
        #expect(dangers(replicas: 3, inSyncMin: 1, brokers: 3).first?.contains("counts once one broker") == true)
        #expect(dangers(replicas: 2, inSyncMin: 2, brokers: 3).first?.contains("stops it") == true)
    }

    @Test func `differs from its description by partitions and copies`() {
        let wanted = KafkaAdmin.TopicDescription(name: "t", partitions: 12, replicationFactor: 3)
        #expect(FoundTopic(partitions: 12, replicas: 3).differences(from: wanted).isEmpty)
        #expect(FoundTopic(partitions: 6, replicas: 1).differences(from: wanted).count == 2)
        let anyhow = KafkaAdmin.TopicDescription(name: "t", partitions: 12)
        #expect(FoundTopic(partitions: 12, replicas: 1).differences(from: anyhow).isEmpty)
    }
}
