import CKafka

/// The library's list of partitions, for one call.
@safe
struct PartitionList: ~Copyable {
    /// What a list says of one partition.
    struct Entry {
        let partition: TopicPartition
        let offset: Int64
        let response: rd_kafka_resp_err_t
    }

    private let raw: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?

    init(_ partitions: [TopicPartition]) {
        unsafe raw = rd_kafka_topic_partition_list_new(Int32(clamping: partitions.count))
        for one in partitions { unsafe _ = rd_kafka_topic_partition_list_add(raw, one.topic, one.partition) }
    }

    init(_ offsets: [TopicPartition: Int64]) {
        self.init(Array(offsets.keys))
        for (one, offset) in offsets {
            unsafe rd_kafka_topic_partition_list_set_offset(raw, one.topic, one.partition, offset)
        }
    }

    deinit { unsafe rd_kafka_topic_partition_list_destroy(raw) }

    /// Lends the list for one call; taking the pointer out would let the list be freed before the call.
    func lend<Result>(
        _ call: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> Result
    ) -> Result {
        unsafe call(raw)
    }

    /// The first error of any entry.
    func checkEach() throws(KafkaError) {
        for entry in unsafe Self.read(raw) where entry.response != RD_KAFKA_RESP_ERR_NO_ERROR {
            throw KafkaError(entry.response, "\(entry.partition)")
        }
    }

    /// Copies what a list says.
    static func read(_ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> [Entry] {
        guard let list = unsafe list else { return [] }
        return unsafe UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt)).map { element in
            unsafe Entry(
                partition: TopicPartition(topic: String(cString: element.topic), partition: element.partition),
                offset: element.offset, response: element.err)
        }
    }
}

/// Reads the broker's answer to a commit.
enum CommitAnswer {
    /// The partitions it refused since the group moved on, or the error that is none of that kind.
    static func outcome(
        _ response: rd_kafka_resp_err_t, _ entries: [PartitionList.Entry]
    ) -> Result<Set<TopicPartition>, KafkaError> {
        if response != RD_KAFKA_RESP_ERR_NO_ERROR {
            let error = KafkaError(response)
            return error.kind == .rebalanced ? .success(Set(entries.map(\.partition))) : .failure(error)
        }
        var refused: Set<TopicPartition> = []
        for entry in entries where entry.response != RD_KAFKA_RESP_ERR_NO_ERROR {
            let error = KafkaError(entry.response, "\(entry.partition)")
            guard error.kind == .rebalanced else { return .failure(error) }
            refused.insert(entry.partition)
        }
        return .success(refused)
    }
}
