import CKafka

/// The library's mock cluster, for as long as the process lives.
///
/// `@unchecked Sendable`: both pointers never change, and the library's mock calls are handed to its own thread.
@safe final class MockCluster: @unchecked Sendable {
    private let client: OpaquePointer
    private let cluster: OpaquePointer

    init(brokers: Int32, port: UInt16) throws(Command.Refusal) {
        // The library aborts when it finds a port taken, so we look first.
        let ports = port == 0 ? [] : (0..<brokers).map { port + UInt16($0) }
        if let taken = ports.first(where: { !FixedPort.isFree($0) }) {
            throw Command.Refusal(reason: "port \(taken) on 127.0.0.1 is not free; choose another with --port")
        }
        let configuration = unsafe rd_kafka_conf_new()
        // Without it the library wonders why its own client has no servers, and at each client turned away.
        unsafe rd_kafka_conf_set(configuration, "log_level", "2", nil, 0)
        guard let client = unsafe rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0) else {
            throw Command.Refusal(reason: "the library could not be started")
        }
        FixedPort.begin(at: port)
        defer { FixedPort.end() }
        guard let cluster = unsafe rd_kafka_mock_cluster_new(client, brokers) else {
            throw Command.Refusal(reason: "the mock cluster could not be made")
        }
        unsafe self.client = client
        unsafe self.cluster = cluster
    }

    var bootstrapServers: String { unsafe String(cString: rd_kafka_mock_cluster_bootstraps(cluster)) }

    func createTopic(_ name: String, partitions: Int32) throws(Command.Refusal) {
        let response = unsafe rd_kafka_mock_topic_create(cluster, name, partitions, 1)
        try check(response, "topic \(name)")
    }

    func takeDown(_ broker: Int32 = -1) { unsafe _ = rd_kafka_mock_broker_set_down(cluster, broker) }

    func bringUp(_ broker: Int32 = -1) { unsafe _ = rd_kafka_mock_broker_set_up(cluster, broker) }

    func delay(milliseconds: Int32) { unsafe _ = rd_kafka_mock_broker_set_rtt(cluster, -1, milliseconds) }

    func lead(_ topic: String, _ partition: Int32, _ broker: Int32) throws(Command.Refusal) {
        try check(unsafe rd_kafka_mock_partition_set_leader(cluster, topic, partition, broker), "leader of \(topic)")
    }

    func fail(_ request: Command.Request, error: Int32, times: Int) {
        let errors = Array(repeating: rd_kafka_resp_err_t(rawValue: error), count: times)
        unsafe rd_kafka_mock_push_request_errors_array(cluster, request.number, errors.count, errors)
    }

    func heal(_ request: Command.Request) { unsafe rd_kafka_mock_clear_request_errors(cluster, request.number) }

    private func check(_ response: rd_kafka_resp_err_t, _ what: String) throws(Command.Refusal) {
        guard response != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw Command.Refusal(reason: unsafe "\(what): \(String(cString: rd_kafka_err2str(response)))")
    }
}
