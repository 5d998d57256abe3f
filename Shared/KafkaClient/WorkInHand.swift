/// The records handed out and not yet done with, and those that wait to be handed out.
struct WorkInHand {
    /// For each partition the offset after the last record handed out.
    private var held: [TopicPartition: Int64] = [:]
    private var stray: [KafkaConsumedRecord] = []
    /// Since when something is in hand.
    private(set) var heldSince: ContinuousClock.Instant?

    /// Whether any of the partitions has records in hand.
    func holds(_ partitions: some Sequence<TopicPartition>) -> Bool { partitions.contains { held[$0] != nil } }

    /// Notes what is handed out.
    mutating func take(_ records: [KafkaConsumedRecord]) {
        // Records of one partition come in a row, so comparing with the last one saves most look-ups.
        var last: KafkaConsumedRecord?
        for record in records {
            if let before = last, before.partition != record.partition || before.topic != record.topic {
                held[before.topicPartition] = before.offset + 1
            }
            last = record
        }
        if let last { held[last.topicPartition] = last.offset + 1 }
        heldSince = .now
    }

    /// The whole batch is done with.
    mutating func release() {
        held = [:]
        heldSince = nil
    }

    /// These offsets are committed; a partition committed to its last record is done with.
    mutating func finished(upTo offsets: [TopicPartition: Int64]) {
        for (partition, offset) in offsets where (held[partition] ?? .max) <= offset { held[partition] = nil }
        if held.isEmpty { heldSince = nil }
    }

    /// The partitions are gone.
    mutating func forget(_ partitions: Set<TopicPartition>) {
        for partition in partitions { held[partition] = nil }
        if held.isEmpty { heldSince = nil }
        dropStray(of: partitions)
    }

    /// A record that came by the queue of events; it is handed out first.
    mutating func addStray(_ record: KafkaConsumedRecord) { stray.append(record) }

    /// Takes those that wait.
    mutating func takeStray() -> [KafkaConsumedRecord] {
        guard !stray.isEmpty else { return [] }
        defer { stray = [] }
        return stray
    }

    /// Those of the partitions will be fetched again.
    mutating func dropStray(of partitions: Set<TopicPartition>) {
        stray.removeAll { partitions.contains($0.topicPartition) }
    }
}
