import CKafka
import Glibc

/// What the callbacks of a consumer reach.
///
/// `@unchecked Sendable`: written once before the thread starts, read by that thread only.
final class ConsumerCallbacks: @unchecked Sendable {
    weak var worker: ConsumerWorker?
}

/// The library's calls a consumer needs, for its own thread only.
///
/// Three queues: the group's events (rebalances, errors), the records of all partitions, and the replies to commits.
/// Keeping records out of the events' queue is what lets rebalances be served while no one asks for records.
@safe
final class ConsumerClient {
    let context: ClientContext
    private let handle: KafkaHandle
    private let events: OpaquePointer
    private let records: OpaquePointer
    private let replies: OpaquePointer
    private var buffer: UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>
    private var hasBeenAssigned = false

    init(
        _ settings: KafkaSettings, group: String, _ context: ClientContext, _ callbacks: ConsumerCallbacks,
        wakeup: Wakeup
    ) throws(KafkaError) {
        let role = KafkaConfiguration.Role.consumer(group: group)
        let configuration = try KafkaConfiguration(settings, for: role)
        handle = try unsafe KafkaHandle(role, configuration, context: context, opaque: callbacks) { raw in
            unsafe rd_kafka_conf_set_rebalance_cb(raw, rebalanceCallback)
        }
        self.context = context
        unsafe rd_kafka_poll_set_consumer(handle.raw)
        unsafe events = rd_kafka_queue_get_consumer(handle.raw)
        unsafe records = rd_kafka_queue_new(handle.raw)
        unsafe replies = rd_kafka_queue_new(handle.raw)
        unsafe buffer = .allocate(capacity: 1000)
        unsafe [events, records, replies].forEach { queue in
            var ring = Wakeup.ring
            unsafe rd_kafka_queue_io_event_enable(queue, wakeup.descriptor, &ring, MemoryLayout<UInt64>.size)
        }
    }

    /// Asks for a share of the topics.
    func subscribe(_ topics: [String]) throws(KafkaError) {
        let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
        try Self.check(unsafe list.lend { unsafe rd_kafka_subscribe(handle.raw, $0) })
    }

    // MARK: Serving

    /// Serves rebalances, errors and statistics; answers records that came this way.
    func serveEvents() -> [KafkaConsumedRecord] {
        var strays: [KafkaConsumedRecord] = []
        while let message = unsafe rd_kafka_consumer_poll(handle.raw, 0) {
            defer { unsafe rd_kafka_message_destroy(message) }
            if let record = unsafe read(message, topic: nil) { strays.append(record) }
        }
        return strays
    }

    /// Serves the answers to commits.
    func serveReplies() {
        while unsafe rd_kafka_queue_poll_callback(replies, 0) > 0 {}
    }

    /// Takes what is there, without waiting, and leaves out partitions that are no longer ours.
    func fetch(max: Int, ofOnly assigned: Set<TopicPartition>) -> [KafkaConsumedRecord] {
        reserve(max)
        let count = unsafe rd_kafka_consume_batch_queue(records, 0, buffer.baseAddress, max)
        guard count > 0 else { return [] }
        var batch: [KafkaConsumedRecord] = []
        batch.reserveCapacity(count)
        // Records of one partition come in a row; what holds for the last one mostly holds for the next.
        var place: (topic: OpaquePointer?, partition: TopicPartition, isOurs: Bool)?
        for index in 0..<count {
            guard let message = unsafe buffer[index] else { continue }
            defer { unsafe rd_kafka_message_destroy(message) }
            if unsafe place?.topic != message.pointee.rkt
                || place?.partition.partition != message.pointee.partition
            {
                let partition = unsafe Self.partition(of: message)
                unsafe place = (message.pointee.rkt, partition, assigned.contains(partition))
            }
            guard unsafe place?.isOurs == true || message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            if let record = unsafe read(message, topic: place?.partition.topic) { batch.append(record) }
        }
        return batch
    }

    private func reserve(_ max: Int) {
        guard unsafe max > buffer.count else { return }
        unsafe buffer.deallocate()
        unsafe buffer = .allocate(capacity: max)
    }

    /// Copies a record out; an error that came in its place is told to the context.
    private func read(_ message: UnsafeMutablePointer<rd_kafka_message_t>, topic: String?) -> KafkaConsumedRecord? {
        let raw = unsafe message.pointee
        guard unsafe raw.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let detail = unsafe rd_kafka_message_errstr(message).map { unsafe String(cString: $0) }
            context.failed(unsafe KafkaError(raw.err, detail))
            return nil
        }
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let time = unsafe rd_kafka_message_timestamp(message, &kind)
        let record = unsafe KafkaRecord(
            topic: topic ?? Self.partition(of: message).topic,
            key: raw.key.map { unsafe Array(UnsafeRawBufferPointer(start: $0, count: raw.key_len)) },
            value: raw.payload.map { unsafe Array(UnsafeRawBufferPointer(start: $0, count: raw.len)) },
            headers: unsafe Self.headers(of: message))
        return unsafe KafkaConsumedRecord(
            record: record, partition: raw.partition, offset: raw.offset,
            timestampMilliseconds: kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : time)
    }

    private static func partition(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> TopicPartition {
        let name = unsafe message.pointee.rkt.map { unsafe String(cString: rd_kafka_topic_name($0)) } ?? ""
        return TopicPartition(topic: name, partition: unsafe message.pointee.partition)
    }

    private static func headers(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> [KafkaHeader] {
        var list: OpaquePointer?
        guard unsafe rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR else { return [] }
        var headers: [KafkaHeader] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while unsafe rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            let bytes = unsafe Array(UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))
            headers.append(KafkaHeader(unsafe name.map { unsafe String(cString: $0) } ?? "", bytes))
        }
        return headers
    }

    /// What the cluster called itself, as far as it is known by now.
    var clusterIdentity: String? { handle.clusterIdentity(timeout: .zero) }

    // MARK: Partitions

    /// Whether the partitions being revoked are another's already.
    var assignmentIsLost: Bool { unsafe rd_kafka_assignment_lost(handle.raw) != 0 }

    /// Accepts partitions; their records go to the records' queue.
    func assign(_ partitions: [TopicPartition]) {
        hasBeenAssigned = true
        for partition in partitions {
            guard let queue = unsafe rd_kafka_queue_get_partition(handle.raw, partition.topic, partition.partition)
            else { continue }
            unsafe rd_kafka_queue_forward(queue, records)
            unsafe rd_kafka_queue_destroy(queue)
        }
        unsafe report(PartitionList(partitions).lend { unsafe rd_kafka_incremental_assign(handle.raw, $0) })
    }

    /// Lets partitions go.
    func unassign(_ partitions: [TopicPartition]) {
        unsafe report(PartitionList(partitions).lend { unsafe rd_kafka_incremental_unassign(handle.raw, $0) })
    }

    private func report(_ error: OpaquePointer?) {
        guard let error = unsafe error else { return }
        defer { unsafe rd_kafka_error_destroy(error) }
        context.failed(unsafe KafkaError(rd_kafka_error_code(error), String(cString: rd_kafka_error_string(error))))
    }

    /// Reads on from these offsets.
    func seek(_ offsets: [TopicPartition: Int64]) throws(KafkaError) {
        let list = PartitionList(offsets)
        let error = unsafe list.lend { unsafe rd_kafka_seek_partitions(handle.raw, $0, 2000) }
        if let error = unsafe error {
            defer { unsafe rd_kafka_error_destroy(error) }
            throw unsafe KafkaError(rd_kafka_error_code(error), String(cString: rd_kafka_error_string(error)))
        }
        try list.checkEach()
    }

    /// Stops fetching.
    func pause(_ partitions: Set<TopicPartition>) throws(KafkaError) {
        let list = PartitionList(Array(partitions))
        try Self.check(unsafe list.lend { unsafe rd_kafka_pause_partitions(handle.raw, $0) })
        try list.checkEach()
    }

    /// Fetches again.
    func resume(_ partitions: Set<TopicPartition>) throws(KafkaError) {
        let list = PartitionList(Array(partitions))
        try Self.check(unsafe list.lend { unsafe rd_kafka_resume_partitions(handle.raw, $0) })
        try list.checkEach()
    }

    /// Sends the offsets; the answer comes as a reply with the number.
    func commit(_ offsets: [TopicPartition: Int64], id: Int) -> KafkaError? {
        let opaque = unsafe UnsafeMutableRawPointer(bitPattern: id)
        let response = unsafe PartitionList(offsets).lend { list in
            unsafe rd_kafka_commit_queue(handle.raw, list, replies, commitCallback, opaque)
        }
        return response == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(response)
    }

    private static func check(_ response: rd_kafka_resp_err_t) throws(KafkaError) {
        guard response == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(response) }
    }

    // MARK: The end

    /// Gives the partitions back, which runs the revoke handler, and leaves the group.
    func leave(within limit: Duration) {
        let deadline = ContinuousClock.now.advanced(by: limit)
        let farewell = unsafe rd_kafka_queue_new(handle.raw)
        defer { unsafe rd_kafka_queue_destroy(farewell) }
        unsafe report(rd_kafka_consumer_close_queue(handle.raw, farewell))
        while unsafe rd_kafka_consumer_closed(handle.raw) == 0, ContinuousClock.now < deadline {
            unsafe rd_kafka_queue_poll_callback(farewell, 100)
            serveReplies()
        }
    }

    /// Ends the library's threads; the last call.
    func destroy() {
        unsafe [events, records, replies].forEach { queue in
            unsafe rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
            unsafe rd_kafka_queue_destroy(queue)
        }
        if mayBeDestroyed { handle.destroy() }
        unsafe buffer.deallocate()
    }

    /// Before 2.3.0 the library aborts the process when a member goes between joining and its first assignment
    /// (librdkafka issue 4312), so a client that may be there has left its group and idles until the process ends.
    private var mayBeDestroyed: Bool { hasBeenAssigned || rd_kafka_version() >= 0x0203_0000 }
}

private func worker(_ opaque: UnsafeMutableRawPointer?) -> ConsumerWorker? {
    unsafe (CallbackTarget.of(opaque)?.owner as? ConsumerCallbacks)?.worker
}

private func rebalanceCallback(
    _ client: OpaquePointer?, _ response: rd_kafka_resp_err_t,
    _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, _ opaque: UnsafeMutableRawPointer?
) {
    unsafe worker(opaque)?.rebalance(response, PartitionList.read(partitions).map(\.partition))
}

private func commitCallback(
    _ client: OpaquePointer?, _ response: rd_kafka_resp_err_t,
    _ offsets: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, _ id: UnsafeMutableRawPointer?
) {
    guard let client = unsafe client, let worker = unsafe worker(rd_kafka_opaque(client)) else { return }
    let outcome = unsafe CommitAnswer.outcome(response, PartitionList.read(offsets))
    worker.committed(Int(bitPattern: id), outcome)
}
