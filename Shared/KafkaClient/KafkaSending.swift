/// A batch on its way; what became of each record can be asked at any time.
package struct KafkaSending: Sendable {
    private let outcome: BatchOutcome?

    init(_ outcome: BatchOutcome?) { self.outcome = outcome }

    /// What it holds in memory until its last record is decided, whatever the records themselves hold.
    package var bytes: Int { outcome.map { $0.count * MemoryLayout<BatchOutcome.Slot>.stride } ?? 0 }

    /// What became of the record of this index; nil while it is on its way.
    package func delivery(of index: Int) -> KafkaDelivery? { outcome?.delivery(of: index) }

    /// Waits until all are decided; one caller at a time.
    package func wait() async {
        while let outcome, !outcome.isDecided { await outcome.wait() }
    }

    /// Waits until all are decided, or for so long.
    package func wait(atMost limit: Duration) async {
        guard let outcome, !outcome.isDecided else { return }
        // Again and again: the first ring may come before we listen.
        let alarm = Task {
            while true {
                try await Task.sleep(for: limit)
                outcome.wake()
            }
        }
        defer { alarm.cancel() }
        await outcome.wait()
    }
}
