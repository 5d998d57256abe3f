import KafkaClient

/// Keys whose turn is not over: nothing more of theirs is read until it is.
///
/// A key is late while the broker has not answered for one of its rows, as when its partition has no leader; the rows
/// stay with the producer, which sends them in their order. A key is refused when the broker did not take one of its
/// rows; after a wait its first row goes on trial alone, so that those behind it are not sent for nothing.
struct KeyTurns {
    /// Beyond these the broker takes about nothing: then nothing more is sent for the moment.
    private static let refusedMax = 10_000
    private static let lateRowsMax = 20_000
    private static let lateBytesMax = 64 << 20

    private(set) var late: [SentBatch] = []
    private var lateKeys: Set<KafkaRecordKey> = []
    private var refused: Set<KafkaRecordKey> = []
    private(set) var onTrial: Set<KafkaRecordKey> = []
    private(set) var retryAt = ContinuousClock.now
    private var failuresInARow = 0

    /// Rows of these are not read, but for the first row of those on trial.
    var waiting: Set<KafkaRecordKey> { lateKeys.isEmpty ? refused : refused.union(lateKeys) }

    /// Rows of these are not sent now.
    var blocked: Set<KafkaRecordKey> { onTrial.isEmpty ? waiting : waiting.union(onTrial) }

    var areAllOver: Bool { late.isEmpty && refused.isEmpty && onTrial.isEmpty }

    var areTooMany: Bool {
        refused.count > Self.refusedMax || late.reduce(0) { $0 + $1.count } > Self.lateRowsMax
            || late.reduce(0) { $0 + $1.bytes } > Self.lateBytesMax
    }

    /// Puts refused keys on trial when their wait is over.
    mutating func beginTrials() {
        guard !refused.isEmpty, ContinuousClock.now >= retryAt else { return }
        onTrial.formUnion(refused)
        refused = []
    }

    /// What is decided about a batch that was just sent; what is not is looked at again later.
    mutating func judge(_ sent: SentBatch) -> SentBatch.Outcome {
        var sent = sent
        let outcome = sent.collect()
        note(outcome)
        if !sent.isDecided {
            late.append(sent)
            lateKeys.formUnion(sent.keys)
        }
        return outcome
    }

    /// What has been decided about rows that were late.
    mutating func judgeLate() -> SentBatch.Outcome {
        var outcome = SentBatch.Outcome()
        guard !late.isEmpty else { return outcome }
        for index in late.indices {
            let part = late[index].collect()
            note(part)
            outcome.acknowledged += part.acknowledged
            outcome.failures += part.failures
            outcome.refused.formUnion(part.refused)
        }
        late.removeAll(where: \.isDecided)
        lateKeys = Set(late.flatMap(\.keys))
        return outcome
    }

    private mutating func note(_ outcome: SentBatch.Outcome) {
        refused.formUnion(outcome.refused)
        guard !onTrial.isEmpty else { return }
        onTrial.subtract(outcome.refused)
        onTrial.subtract(outcome.acknowledged.map(\.record.place))
    }

    /// Lets refused keys wait, longer after each failure; one that goes well ends the row of failures.
    mutating func backOff(after outcome: SentBatch.Outcome, atMost limit: Duration) {
        guard !outcome.failures.isEmpty else {
            if refused.isEmpty, onTrial.isEmpty { failuresInARow = 0 }
            return
        }
        failuresInARow += 1
        retryAt = .now + RetryPolicy.wait(.milliseconds(200), afterTry: failuresInARow, atMost: limit)
    }
}
