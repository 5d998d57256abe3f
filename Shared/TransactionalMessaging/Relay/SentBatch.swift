import KafkaClient

/// Rows that were handed to the producer, and what is not decided about them yet.
struct SentBatch: Sendable {
    /// What a look at the deliveries found.
    struct Outcome {
        /// These may leave the outbox.
        var acknowledged: [OutboxBatch.Item] = []
        var failures: [KafkaError] = []
        /// The keys of what failed: these rows and those behind them go again, in their order.
        var refused: Set<KafkaRecordKey> = []
    }

    private let items: [OutboxBatch.Item]
    /// Which of them are not decided.
    private var open: [Int]
    private var refused: Set<KafkaRecordKey> = []
    let sending: KafkaSending

    init(_ batch: OutboxBatch, _ sending: KafkaSending) {
        items = batch.items
        open = Array(batch.items.indices)
        self.sending = sending
    }

    var isDecided: Bool { open.isEmpty }
    var count: Int { open.count }
    var bytes: Int { open.reduce(0) { $0 + (items[$1].record.value?.count ?? 0) } }
    var keys: [KafkaRecordKey] { open.map { items[$0].record.place } }

    /// Takes out what is decided; a row stays for as long as an earlier one of its key is on its way.
    mutating func collect() -> Outcome {
        var outcome = Outcome()
        outcome.acknowledged.reserveCapacity(open.count)
        var left: [Int] = []
        var late: Set<KafkaRecordKey> = []
        for index in open {
            let key = items[index].record.place
            guard late.isEmpty || !late.contains(key), let delivery = sending.delivery(of: index) else {
                late.insert(key)
                left.append(index)
                continue
            }
            switch delivery {
            case .failed(let error):
                outcome.failures.append(error)
                refused.insert(key)
            case .delivered where refused.isEmpty || !refused.contains(key): outcome.acknowledged.append(items[index])
            case .delivered: continue
            }
        }
        open = left
        outcome.refused = refused
        return outcome
    }
}
