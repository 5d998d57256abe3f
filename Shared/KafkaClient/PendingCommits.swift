/// Commits that wait for the broker's answer, and offsets the group refused while it was rebalancing.
struct PendingCommits {
    /// One request on its way.
    struct Entry {
        let offsets: [TopicPartition: Int64]
        /// Partitions that were not ours when asked.
        let left: Set<TopicPartition>
        /// Who waits; nobody when we try again on our own.
        let reply: ConsumerCommand.Reply<CommitOutcome>?
    }

    /// Between two tries of what was refused.
    private static let pause = Duration.milliseconds(200)

    private var entries: [Int: Entry] = [:]
    /// The last offset asked for and not yet confirmed; what is tried again is never older than what was asked last.
    private var wanted: [TopicPartition: Int64] = [:]
    private var nextTry = ContinuousClock.now
    private var last = 0

    /// Keeps an entry; its number is never 0, which the library would read as null.
    mutating func add(_ entry: Entry) -> Int {
        last += 1
        entries[last] = entry
        wanted.merge(entry.offsets) { $1 }
        nextTry = .now.advanced(by: Self.pause)
        return last
    }

    /// Takes an entry out.
    mutating func take(_ id: Int) -> Entry? { entries.removeValue(forKey: id) }

    /// Takes all entries out and forgets what was wanted.
    mutating func takeAll() -> [Entry] {
        defer {
            entries = [:]
            wanted = [:]
        }
        return Array(entries.values)
    }

    /// These offsets need no further try: they are stored, or whoever asked was told of the failure.
    mutating func settle(_ offsets: [TopicPartition: Int64]) {
        for (partition, offset) in offsets where wanted[partition] == offset { wanted[partition] = nil }
    }

    /// The partitions are another's now.
    mutating func forget(_ partitions: some Sequence<TopicPartition>) {
        for partition in partitions { wanted[partition] = nil }
    }

    /// Whether any of the partitions has offsets that are not confirmed.
    func owes(_ partitions: some Sequence<TopicPartition>) -> Bool { partitions.contains { wanted[$0] != nil } }

    /// What to try again now; empty while a request is on its way or the pause has not passed.
    var due: [TopicPartition: Int64] {
        entries.isEmpty && !wanted.isEmpty && ContinuousClock.now >= nextTry ? wanted : [:]
    }
}
