package import Logging

/// Sends records so that each is acknowledged by all in-sync replicas, in order per key.
///
/// The library's own retries neither double nor reorder (idempotence). What it gives up is answered per record, and the
/// caller decides; sending it again is a new record to the broker.
package final class KafkaProducer: Sendable {
    private let worker: ProducerWorker

    /// Starts a producer; it connects in the background.
    package init(_ settings: KafkaSettings, logger: Logger) throws(KafkaError) {
        worker = try ProducerWorker(settings, logger: logger)
        let worker = worker
        OwnThread.start { worker.run() }
    }

    deinit { worker.beginClose(timeout: .zero) }

    /// Sends the records in order and answers for each once all are decided.
    ///
    /// It is one wait for the whole batch, so batches are what is fast. It does not end early when the task is
    /// cancelled: a record on its way has an outcome worth knowing.
    package func send(_ batch: [KafkaRecord]) async throws(KafkaError) -> [KafkaDelivery] {
        let sending = try await begin(batch)
        await sending.wait()
        return batch.indices.compactMap(sending.delivery(of:))
    }

    /// Hands the records over in order and answers at once, so that one that takes long holds up nobody else.
    ///
    /// A full queue makes it wait for room. A record that is refused on the spot takes with it those of its key behind
    /// it: none of them goes out before it.
    package func begin(_ batch: [KafkaRecord]) async throws(KafkaError) -> KafkaSending {
        if let fatal = worker.fatalError { throw fatal }
        guard !batch.isEmpty else { return KafkaSending(nil) }
        let outcome = BatchOutcome(count: batch.count)
        var refused: Set<KafkaRecordKey> = []
        var next = 0
        while true {
            next = try worker.enqueue(batch, from: next, outcome, &refused)
            if next == batch.count { break }
            await worker.room()
        }
        return KafkaSending(outcome)
    }

    /// Waits for what is in flight, at most `timeout`, then gives the rest up and ends.
    package func close(timeout: Duration = .seconds(10)) async {
        worker.beginClose(timeout: timeout)
        await worker.closed()
    }
}
