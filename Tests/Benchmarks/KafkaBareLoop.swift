import CKafka

/// What librdkafka can do without us: the loops a C program would have, with nothing around them.
struct BareKafkaLoop {
    /// Why a loop could not run.
    struct Failure: Error, CustomStringConvertible { let description: String }

    private let work: KafkaWork

    init(_ work: KafkaWork) { self.work = work }

    /// Sends all records and waits for their reports; answers how many a second were acknowledged.
    func send() throws -> Double {
        let client = try unsafe start(
            RD_KAFKA_PRODUCER, ["enable.idempotence": "true", "acks": "all", "linger.ms": "0"])
        defer { unsafe rd_kafka_destroy(client) }
        let value = [UInt8](repeating: 120, count: work.bytes)
        let keys = (0..<997).map { Array("key-\($0)".utf8) }
        unsafe produce(client, keys[0], value)
        unsafe rd_kafka_flush(client, 10_000)
        let start = ContinuousClock.now
        for number in 0..<work.records {
            while unsafe produce(client, keys[number % keys.count], value) == RD_KAFKA_RESP_ERR__QUEUE_FULL {
                unsafe rd_kafka_poll(client, 10)
            }
            if number.isMultiple(of: 1000) { unsafe rd_kafka_poll(client, 0) }
        }
        guard unsafe rd_kafka_flush(client, 60_000) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw Failure(description: "the bare loop's records were not acknowledged in a minute")
        }
        return Double(work.records) / ((ContinuousClock.now - start) / .seconds(1))
    }

    @discardableResult
    private func produce(_ client: OpaquePointer, _ key: [UInt8], _ value: [UInt8]) -> rd_kafka_resp_err_t {
        unsafe quittance_kafka_produce(client, KafkaWork.topic, key, key.count, value, value.count, nil, nil)
    }

    /// Reads all records as a new group; answers how many a second came after the first batch.
    func read() throws -> Double {
        let client = try unsafe start(
            RD_KAFKA_CONSUMER,
            [
                "group.id": "bare-\(UInt64.random(in: 0 ... .max))", "auto.offset.reset": "earliest",
                "enable.auto.commit": "false", "enable.auto.offset.store": "false", "fetch.wait.max.ms": "20",
                "session.timeout.ms": "6000", "partition.assignment.strategy": "cooperative-sticky",
                "queued.max.messages.kbytes": "16384",
            ])
        defer {
            unsafe rd_kafka_consumer_close(client)
            unsafe rd_kafka_destroy(client)
        }
        unsafe rd_kafka_poll_set_consumer(client)
        let topics = unsafe rd_kafka_topic_partition_list_new(1)
        unsafe rd_kafka_topic_partition_list_add(topics, KafkaWork.topic, -1)
        unsafe rd_kafka_subscribe(client, topics)
        unsafe rd_kafka_topic_partition_list_destroy(topics)
        return unsafe readAll(client)
    }

    private func readAll(_ client: OpaquePointer) -> Double {
        let queue = unsafe rd_kafka_queue_get_consumer(client)
        defer { unsafe rd_kafka_queue_destroy(queue) }
        var first = 0
        while first == 0 { first = unsafe take(queue) }
        let start = ContinuousClock.now
        var count = 0
        while count + first < work.records / 2 { count += unsafe take(queue) }
        return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// Reads one batch and touches each record once.
    private func take(_ queue: OpaquePointer?) -> Int {
        unsafe withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<rd_kafka_message_t>?.self, capacity: 1000) {
            let count = unsafe rd_kafka_consume_batch_queue(queue, 20, $0.baseAddress, 1000)
            var good = 0
            for index in 0..<max(0, count) {
                guard let message = unsafe $0[index] else { continue }
                if unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR, unsafe message.pointee.len > 0 {
                    good += 1
                }
                unsafe rd_kafka_message_destroy(message)
            }
            return good
        }
    }

    private func start(_ kind: rd_kafka_type_t, _ properties: [String: String]) throws -> OpaquePointer {
        let configuration = unsafe rd_kafka_conf_new()
        for (name, value) in properties.merging(["bootstrap.servers": work.bootstrapServers], uniquingKeysWith: { $1 })
        {
            unsafe rd_kafka_conf_set(configuration, name, value, nil, 0)
        }
        unsafe rd_kafka_conf_set_dr_msg_cb(configuration) { _, _, _ in }
        guard let client = unsafe rd_kafka_new(kind, configuration, nil, 0) else {
            throw Failure(description: "librdkafka could not be started")
        }
        return unsafe client
    }
}
