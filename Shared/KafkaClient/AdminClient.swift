import CKafka
import Logging

/// The library's blocking calls about topics and groups, for one short task on a thread of its own.
struct AdminClient {
    private let handle: KafkaHandle

    /// Connects as a consumer, whose questions never make a topic; without joining any group.
    init(_ settings: KafkaSettings, group: String?, logger: Logger?) throws(KafkaError) {
        var settings = settings
        settings.statisticsInterval = nil
        let role = KafkaConfiguration.Role.consumer(group: group)
        let configuration = try KafkaConfiguration(settings, for: role)
        handle = try unsafe KafkaHandle(role, configuration, context: ClientContext(logger: logger))
    }

    /// Ends the library's threads; the last call.
    func destroy() { handle.destroy() }

    /// What the cluster calls itself.
    func clusterIdentity(timeout: Duration) -> String? { handle.clusterIdentity(timeout: timeout) }

    // MARK: Topics

    /// All topics of the cluster, and how many brokers it has.
    func topics(timeout: Duration) throws(KafkaError) -> (found: [String: FoundTopic], brokers: Int) {
        try unsafe metadata(ofTopics: true, timeout: timeout) { answer in
            let topics = unsafe UnsafeBufferPointer(start: answer.topics, count: Int(answer.topic_cnt))
            var found: [String: FoundTopic] = [:]
            for index in topics.indices {
                let topic = unsafe topics[index]
                guard unsafe topic.err == RD_KAFKA_RESP_ERR_NO_ERROR, unsafe topic.partition_cnt > 0 else { continue }
                let partitions = unsafe UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt))
                let replicas = unsafe partitions.map { unsafe $0.replica_cnt }.min() ?? 0
                found[unsafe String(cString: topic.topic)] = unsafe FoundTopic(
                    partitions: topic.partition_cnt, replicas: replicas)
            }
            return unsafe (found, Int(answer.broker_cnt))
        }
    }

    /// The addresses of all brokers, as `host:port`.
    func brokers(timeout: Duration) throws(KafkaError) -> [String] {
        try unsafe metadata(ofTopics: false, timeout: timeout) { answer in
            unsafe UnsafeBufferPointer(start: answer.brokers, count: Int(answer.broker_cnt)).map { broker in
                let host = unsafe String(cString: broker.host)
                return unsafe host.contains(":") ? "[\(host)]:\(broker.port)" : "\(host):\(broker.port)"
            }
        }
    }

    private func metadata<Value>(
        ofTopics wanted: Bool, timeout: Duration, _ read: (rd_kafka_metadata) -> Value
    ) throws(KafkaError) -> Value {
        var answer: UnsafePointer<rd_kafka_metadata>?
        let response = unsafe rd_kafka_metadata(
            handle.raw, wanted ? 1 : 0, nil, &answer, Int32(clamping: timeout.wholeMilliseconds))
        guard response == RD_KAFKA_RESP_ERR_NO_ERROR, let answer = unsafe answer else { throw KafkaError(response) }
        defer { unsafe rd_kafka_metadata_destroy(answer) }
        return unsafe read(answer.pointee)
    }

    /// How many copies a record of each of these topics must have before it counts.
    func inSyncMin(of topics: [String], timeout: Duration) throws(KafkaError) -> [String: Int32] {
        guard !topics.isEmpty else { return [:] }
        var orders: [OpaquePointer?] = unsafe topics.map {
            unsafe rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0)
        }
        defer { unsafe orders.forEach { unsafe rd_kafka_ConfigResource_destroy($0) } }
        let event = try unsafe ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout) { options, queue in
            unsafe rd_kafka_DescribeConfigs(handle.raw, &orders, orders.count, options, queue)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        var count = 0
        let resources = unsafe rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event), &count)
        var found: [String: Int32] = [:]
        for index in 0..<count {
            guard let resource = unsafe resources?[index] else { continue }
            found[unsafe String(cString: rd_kafka_ConfigResource_name(resource))] = unsafe Self.inSyncMin(of: resource)
        }
        return found
    }

    private static func inSyncMin(of resource: OpaquePointer) -> Int32? {
        var count = 0
        let entries = unsafe rd_kafka_ConfigResource_configs(resource, &count)
        for index in 0..<count {
            guard let entry = unsafe entries?[index], let value = unsafe rd_kafka_ConfigEntry_value(entry),
                unsafe String(cString: rd_kafka_ConfigEntry_name(entry)) == KafkaAdmin.inSyncMin
            else { continue }
            return unsafe Int32(String(cString: value))
        }
        return nil
    }

    /// Asks for the topics and waits for the answer to each.
    func createTopics(
        _ topics: [KafkaAdmin.TopicDescription], timeout: Duration
    ) throws(KafkaError) -> [String: KafkaAdmin.TopicOutcome] {
        var orders: [OpaquePointer?] = unsafe []
        defer { unsafe orders.forEach { unsafe rd_kafka_NewTopic_destroy($0) } }
        for topic in topics { unsafe orders.append(try Self.order(topic)) }
        let event = try unsafe ask(RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout) { options, queue in
            unsafe rd_kafka_CreateTopics(handle.raw, &orders, orders.count, options, queue)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        return unsafe Self.outcomes(event)
    }

    /// Asks what only the admin interface answers; the answer is the caller's to destroy.
    private func ask(
        _ operation: rd_kafka_admin_op_t, _ timeout: Duration,
        _ question: (_ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void
    ) throws(KafkaError) -> OpaquePointer {
        let queue = unsafe rd_kafka_queue_new(handle.raw)
        defer { unsafe rd_kafka_queue_destroy(queue) }
        let milliseconds = Int32(clamping: timeout.wholeMilliseconds)
        let options = unsafe rd_kafka_AdminOptions_new(handle.raw, operation)
        defer { unsafe rd_kafka_AdminOptions_destroy(options) }
        unsafe rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, nil, 0)
        unsafe question(options, queue)
        guard let event = unsafe rd_kafka_queue_poll(queue, milliseconds) else {
            throw KafkaError(.timedOut, "no answer to the request about topics")
        }
        let response = unsafe rd_kafka_event_error(event)
        guard response == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let reason = unsafe String(cString: rd_kafka_event_error_string(event))
            unsafe rd_kafka_event_destroy(event)
            throw KafkaError(response, reason)
        }
        return unsafe event
    }

    private static func order(_ topic: KafkaAdmin.TopicDescription) throws(KafkaError) -> OpaquePointer {
        let (order, reason) = unsafe withErrorText { text, size in
            unsafe rd_kafka_NewTopic_new(topic.name, topic.partitions, topic.replicationFactor, text, size)
        }
        guard let order = unsafe order else { throw KafkaError(.configuration(property: topic.name), reason) }
        for (name, value) in topic.configuration { unsafe rd_kafka_NewTopic_set_config(order, name, value) }
        return unsafe order
    }

    private static func outcomes(_ event: OpaquePointer) -> [String: KafkaAdmin.TopicOutcome] {
        var count = 0
        let results = unsafe rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        var outcomes: [String: KafkaAdmin.TopicOutcome] = [:]
        for index in 0..<count {
            guard let result = unsafe results?[index] else { continue }
            outcomes[unsafe String(cString: rd_kafka_topic_result_name(result))] = unsafe outcome(result)
        }
        return outcomes
    }

    private static func outcome(_ result: OpaquePointer) -> KafkaAdmin.TopicOutcome {
        switch unsafe rd_kafka_topic_result_error(result) {
        case RD_KAFKA_RESP_ERR_NO_ERROR: .created
        case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: .existed
        case let response:
            .failed(
                KafkaError(
                    response, unsafe rd_kafka_topic_result_error_string(result).map { unsafe String(cString: $0) }))
        }
    }

    // MARK: Offsets

    /// The distance from the group's committed offsets to the partitions' ends.
    func lag(of partitions: [TopicPartition], timeout: Duration) throws(KafkaError) -> [TopicPartition: Int64] {
        let deadline = ContinuousClock.now.advanced(by: timeout)
        let list = PartitionList(partitions)
        let response = unsafe list.lend {
            unsafe rd_kafka_committed(handle.raw, $0, Int32(clamping: timeout.wholeMilliseconds))
        }
        guard response == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(response) }
        try list.checkEach()
        var lag: [TopicPartition: Int64] = [:]
        for entry in unsafe list.lend({ unsafe PartitionList.read($0) }) {
            let (low, high) = try bounds(of: entry.partition, until: deadline)
            // The library's own negative number stands for "nothing committed"; records below `low` are gone.
            lag[entry.partition] = high - max(entry.offset, low)
        }
        return lag
    }

    private func bounds(
        of partition: TopicPartition, until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> (low: Int64, high: Int64) {
        var (low, high): (Int64, Int64) = (0, 0)
        let left = max(1, ContinuousClock.now.duration(to: deadline).wholeMilliseconds)
        let response = unsafe rd_kafka_query_watermark_offsets(
            handle.raw, partition.topic, partition.partition, &low, &high, Int32(clamping: left))
        guard response == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(response, "\(partition)") }
        return (low, high)
    }
}
