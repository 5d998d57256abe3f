/// One partition of one topic.
package struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The topic's name.
    package let topic: String
    /// The partition's number, from 0.
    package let partition: Int32

    /// Names a partition.
    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// The form people read in logs, such as `quittance.payments[3]`.
    package var description: String { "\(topic)[\(partition)]" }

    /// Orders by topic, then by partition.
    package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

/// A name and value that travel beside a record; the same name may appear more than once.
package struct KafkaHeader: Hashable, Sendable {
    /// The header's name.
    package let name: String
    /// The header's bytes; a broker's null value reads as empty.
    package let value: [UInt8]

    /// Makes a header of raw bytes.
    package init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }

    /// Makes a header whose value is text.
    package init(_ name: String, _ text: String) {
        self.init(name, Array(text.utf8))
    }
}

/// A record to be sent.
package struct KafkaRecord: Hashable, Sendable {
    /// The topic it goes to.
    package var topic: String
    /// Decides the partition: records of one key keep their order.
    package var key: [UInt8]?
    /// The body; nil is a tombstone in a compacted topic.
    package var value: [UInt8]?
    /// Headers in the order they are written.
    package var headers: [KafkaHeader]

    /// Makes a record to be sent.
    package init(topic: String, key: [UInt8]?, value: [UInt8]?, headers: [KafkaHeader] = []) {
        self.topic = topic
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// Within what records keep their order: a key, in one topic.
package struct KafkaRecordKey: Hashable, Sendable {
    /// The topic.
    package let topic: String
    /// The key; empty where there is none.
    package let key: [UInt8]
}

extension KafkaRecord {
    /// Within what it keeps its order.
    package var place: KafkaRecordKey { KafkaRecordKey(topic: topic, key: key ?? []) }
}

/// A record as it was read from a partition.
package struct KafkaConsumedRecord: Hashable, Sendable {
    /// What was sent.
    package let record: KafkaRecord
    /// The partition it was read from.
    package let partition: Int32
    /// Its place in the partition.
    package let offset: Int64
    /// Milliseconds since 1970 as the producer or broker stamped it; nil when the record has no time.
    package let timestampMilliseconds: Int64?

    /// Makes a consumed record, for the consumer and for tests of what handles records.
    package init(record: KafkaRecord, partition: Int32, offset: Int64, timestampMilliseconds: Int64?) {
        self.record = record
        self.partition = partition
        self.offset = offset
        self.timestampMilliseconds = timestampMilliseconds
    }

    /// The topic it was read from.
    package var topic: String { record.topic }
    /// The record's key.
    package var key: [UInt8]? { record.key }
    /// The record's body.
    package var value: [UInt8]? { record.value }
    /// The record's headers in the order they were written.
    package var headers: [KafkaHeader] { record.headers }
    /// Topic and partition together.
    package var topicPartition: TopicPartition { TopicPartition(topic: record.topic, partition: partition) }
}

/// What became of one record of a batch that was sent.
package enum KafkaDelivery: Hashable, Sendable {
    /// All in-sync replicas have it.
    case delivered(partition: Int32, offset: Int64)
    /// It was given up; `KafkaError.mayBeStored` says whether it could be in the topic all the same.
    case failed(KafkaError)
}

/// What became of a commit of offsets.
package enum CommitOutcome: Hashable, Sendable {
    /// The group's offsets are stored.
    case committed
    /// The group is rebalancing and took these partitions' offsets not yet; the others were committed.
    ///
    /// They are sent again by themselves, before the partitions leave or with the next commit, so handling may go on.
    case postponed(Set<TopicPartition>)
    /// These partitions are no longer ours, so whoever has them now decides; the others were committed.
    ///
    /// It is no failure: their records will be delivered again, which idempotent handlers bear.
    case partitionsLeft(Set<TopicPartition>)
}
