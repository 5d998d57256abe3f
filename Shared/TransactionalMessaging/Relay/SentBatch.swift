package import KafkaClient

/// Rows that were handed to the producer, and what is not decided about them yet.
package struct SentBatch: Sendable {
    /// What one look at the deliveries found; the next look does not find it again.
    package struct Outcome {
        /// These may leave the outbox.
        package var acknowledged: [OutboxBatch.Item] = []
        var failures: [KafkaError] = []
        /// The keys of what failed: these rows and those behind them go again, in their order.
        var refused: Set<KafkaRecordKey> = []
    }

    /// A row that is not decided, and its place in what was sent.
    private struct Open {
        let index: Int
        let item: OutboxBatch.Item
    }

    /// These alone are kept: a late row may wait for days, and those beside it need not.
    private var open: [Open]
    /// Keys of which a row failed while others behind it are open.
    private var refused: Set<KafkaRecordKey> = []
    let sending: KafkaSending

    /// The batch as it was handed to the producer.
    package init(_ batch: OutboxBatch, _ sending: KafkaSending) {
        open = batch.items.enumerated().map { Open(index: $0.offset, item: $0.element) }
        self.sending = sending
    }

    var isDecided: Bool { open.isEmpty }
    /// How many rows are not decided.
    package var count: Int { open.count }
    var bytes: Int { open.reduce(sending.bytes) { $0 + ($1.item.record.value?.count ?? 0) } }
    var keys: [KafkaRecordKey] { open.map(\.item.record.place) }

    /// Takes out what is decided; a row stays for as long as an earlier one of its key is on its way.
    mutating func collect() -> Outcome {
        var outcome = Outcome()
        outcome.acknowledged.reserveCapacity(open.count)
        var left: [Open] = []
        var late: Set<KafkaRecordKey> = []
        for row in open {
            let key = row.item.record.place
            guard late.isEmpty || !late.contains(key), let delivery = sending.delivery(of: row.index) else {
                late.insert(key)
                left.append(row)
                continue
            }
            switch delivery {
            case .failed(let error):
                outcome.failures.append(error)
                outcome.refused.insert(key)
                refused.insert(key)
            case .delivered where refused.isEmpty || !refused.contains(key): outcome.acknowledged.append(row.item)
            case .delivered: outcome.refused.insert(key)
            }
        }
        open = left
        refused.formIntersection(late)
        return outcome
    }
}
