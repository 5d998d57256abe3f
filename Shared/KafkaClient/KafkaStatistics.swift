import Metrics
import Synchronization

/// Turns the library's statistics, a JSON text every few seconds, into metrics.
final class KafkaStatistics: Sendable {
    private let dimensions: [(String, String)]
    private let gauges = Mutex<[String: Gauge]>([:])

    init(client: String, role: String) {
        dimensions = [("client", client), ("role", role)]
    }

    /// Records what the text says; a text that does not parse is left out.
    func record(_ json: [UInt8]) {
        guard let report = JSONValue(parsing: json) else { return }
        set("kafka_client_queue_records", report["msg_cnt"])
        set("kafka_client_queue_bytes", report["msg_size"])
        set("kafka_client_requests", report["tx"])
        set("kafka_client_records_sent", report["txmsgs"])
        set("kafka_client_records_received", report["rxmsgs"])
        set("kafka_consumer_rebalances", report["cgrp"]["rebalance_cnt"])
        set("kafka_consumer_assigned_partitions", report["cgrp"]["assignment_size"])
        for (_, broker) in report["brokers"].members where (broker["nodeid"].number ?? -1) >= 0 {
            recordBroker(broker)
        }
        for (topic, detail) in report["topics"].members {
            for (partition, numbers) in detail["partitions"].members {
                recordLag(numbers, topic: topic, partition: partition)
            }
        }
    }

    private func recordBroker(_ broker: JSONValue) {
        let broker = (name: [("broker", broker["nodeid"].number.map { "\(Int64($0))" } ?? "")], numbers: broker)
        set("kafka_client_request_errors", broker.numbers["txerrs"], broker.name)
        set("kafka_client_request_timeouts", broker.numbers["req_timeouts"], broker.name)
        set("kafka_client_disconnects", broker.numbers["disconnects"], broker.name)
        set("kafka_client_round_trip_p99_microseconds", broker.numbers["rtt"]["p99"], broker.name)
    }

    /// The library says -1 where it does not know.
    private func recordLag(_ numbers: JSONValue, topic: String, partition: String) {
        guard let lag = numbers["consumer_lag"].number, lag >= 0, partition != "-1" else { return }
        set("kafka_consumer_lag_records", .number(lag), [("topic", topic), ("partition", partition)])
    }

    private func set(_ name: String, _ value: JSONValue, _ further: [(String, String)] = []) {
        guard let number = value.number else { return }
        let key = further.reduce(name) { "\($0) \($1.1)" }
        let gauge = gauges.withLock { gauges in
            if let gauge = gauges[key] { return gauge }
            let gauge = Gauge(label: name, dimensions: dimensions + further)
            gauges[key] = gauge
            return gauge
        }
        gauge.record(number)
    }
}
