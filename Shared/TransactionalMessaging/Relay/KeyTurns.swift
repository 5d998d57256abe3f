package import KafkaClient

/// Keys whose turn is not over: nothing more of theirs is read until it is.
///
/// A key is late while the broker has not answered for one of its rows, as when its partition has no leader; the rows
/// stay with the producer, which sends them in their order. A key is refused when the broker did not take one of its
/// rows; after a wait its first row goes on trial alone, so that those behind it are not sent for nothing.
package struct KeyTurns {
    /// Beyond these the broker takes about nothing: then nothing more is sent for the moment.
    private static let refusedMax = 10_000
    private static let lateRowsMax = 20_000
    private static let lateBytesMax = 64 << 20

    /// What was sent and is not decided.
    package private(set) var late: [SentBatch] = []
    private var lateKeys: Set<KafkaRecordKey> = []
    private var refused: Set<KafkaRecordKey> = []
    /// Of these the first row alone is sent, to see whether the broker takes it.
    package private(set) var onTrial: Set<KafkaRecordKey> = []
    /// When the wait of those refused is over; nil while nobody has to wait.
    private var retryAt: ContinuousClock.Instant?
    private var failuresInARow = 0

    /// All may be sent.
    package init() {}

    /// Rows of these are not read, but for the first row of those on trial.
    var waiting: Set<KafkaRecordKey> { lateKeys.isEmpty ? refused : refused.union(lateKeys) }

    /// Rows of these are not sent now.
    package var blocked: Set<KafkaRecordKey> { onTrial.isEmpty ? waiting : waiting.union(onTrial) }

    /// How long it is until keys that were refused go on trial.
    var timeToTrials: Duration { retryAt.map { $0 - .now } ?? .zero }

    var areAllOver: Bool { late.isEmpty && refused.isEmpty && onTrial.isEmpty }

    var areTooMany: Bool {
        refused.count > Self.refusedMax || late.reduce(0) { $0 + $1.count } > Self.lateRowsMax
            || late.reduce(0) { $0 + $1.bytes } > Self.lateBytesMax
    }

    /// Puts refused keys on trial when their wait is over: before others fail, whose wait begins then.
    private mutating func beginTrials() {
        if let retryAt, ContinuousClock.now < retryAt { return }
        retryAt = nil
        onTrial.formUnion(refused)
        refused = []
    }

    /// What is decided about a batch that was just sent; what is not is looked at again later.
    package mutating func judge(_ sent: SentBatch) -> SentBatch.Outcome {
        beginTrials()
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
    package mutating func judgeLate() -> SentBatch.Outcome {
        beginTrials()
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

    /// Lets refused keys wait, longer after each failure; the row of failures ends once no key is refused any more.
    package mutating func backOff(after outcome: SentBatch.Outcome, atMost limit: Duration) {
        guard !outcome.failures.isEmpty else {
            if refused.isEmpty, onTrial.isEmpty { (failuresInARow, retryAt) = (0, nil) }
            return
        }
        // A wait that has begun is not made longer by keys that fail during it: a flow of them would make it endless.
        guard retryAt == nil else { return }
        failuresInARow += 1
        retryAt = .now + RetryPolicy.wait(.milliseconds(200), afterTry: failuresInARow, atMost: limit)
    }
}
