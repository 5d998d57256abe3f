package import Logging

/// Sends records so that each is acknowledged by all in-sync replicas, in order per key.
package final class KafkaProducer: Sendable {
    /// Starts a producer; it connects in the background.
    package init(_ settings: KafkaSettings, logger: Logger) throws(KafkaError) {
    }

    /// Sends the records in order and answers for each once all are decided.
    package func send(_ batch: [KafkaRecord]) async throws(KafkaError) -> [KafkaDelivery] {
        throw .closed
    }

    /// Waits for what is in flight, at most `timeout`, then gives the rest up and ends.
    package func close(timeout: Duration = .seconds(10)) async {
    }
}
