import EventContract
import KafkaClient
package import PaymentModel

/// What a handler needs is somebody else's alone for now, maybe for minutes.
///
/// A consumer whose handler throws it lets the messages of that organisation wait and goes on with those of others; it
/// is no try of the message.
package struct TakenElsewhere: Error, CustomStringConvertible {
    /// What it is, for logs and people.
    package let description: String
    /// Whose messages wait for it.
    let organisation: OrganisationID

    /// Names what is taken, and whose it is.
    package init(_ what: String, of organisation: OrganisationID) {
        description = "\(what) of \(organisation): somebody else is alone in them"
        self.organisation = organisation
    }
}

/// Messages that wait for what their organisation has taken elsewhere, each organisation's in a line of its own.
///
/// No offset behind one of them is committed: what waits when a process ends, or a partition leaves, comes again. When
/// memory is full, what comes to the end of a line stays in its topic, and is read again once the line is done.
struct WaitingItems: Sendable {
    /// How often what waits is tried again.
    static let againAfter = Duration.milliseconds(200)
    private var lines: [OrganisationID: [BatchItem]] = [:]
    /// Of whom messages stayed in their topics, and from where on.
    private var behind: [OrganisationID: [TopicPartition: Int64]] = [:]
    /// Whose line is handed out, and where what stayed behind it begins.
    private var handedOut: (organisation: OrganisationID, behind: [TopicPartition: Int64])?
    /// Up to where the partitions of what waits are settled but for it.
    private var reached: [TopicPartition: Int64] = [:]
    private var triedAt = ContinuousClock.now
    private let itemsMax: Int

    init(itemsMax: Int) { self.itemsMax = itemsMax }

    var isEmpty: Bool { lines.isEmpty }

    /// Whether it is time to try what waits again.
    var isDue: Bool { !isEmpty && triedAt.duration(to: .now) >= Self.againAfter }

    var organisations: [OrganisationID] { Array(lines.keys) }

    var partitions: Set<TopicPartition> {
        Set(lines.values.joined().map(\.record.topicPartition)).union(behind.values.flatMap(\.keys))
    }

    /// Whether nothing of it waits in memory.
    func isFree(_ organisation: OrganisationID) -> Bool { lines[organisation] == nil }

    /// Whether an earlier message of its organisation waits; of what cannot be read, maybe one of its key.
    func holds(_ item: BatchItem) -> Bool { line(of: item) != nil || isBehind(item) }

    /// Puts a message at the end of its line.
    mutating func add(_ item: BatchItem) {
        guard let organisation = item.organisation ?? line(of: item) ?? whoIsBehind(in: item.record.topicPartition)
        else { preconditionFailure("a message of nobody waits for nothing") }
        guard hasPlace(for: organisation) else { return leave(item, of: organisation) }
        lines[organisation, default: []].append(item)
    }

    /// The first of each is here, so that it is tried when it is its turn, and what comes back keeps its place.
    private func hasPlace(for organisation: OrganisationID) -> Bool {
        guard behind[organisation] == nil else { return false }
        return lines[organisation] == nil || organisation == handedOut?.organisation || !isFull
    }

    private mutating func leave(_ item: BatchItem, of organisation: OrganisationID) {
        let (partition, offset) = (item.record.topicPartition, item.record.offset)
        let first = min(behind[organisation]?[partition] ?? offset, offset)
        behind[organisation, default: [:]][partition] = first
    }

    private var isFull: Bool { lines.values.reduce(0) { $0 + $1.count } >= itemsMax }

    /// Of what stayed in a topic the keys are not known any more; what is handed out was before it.
    private func isBehind(_ item: BatchItem) -> Bool {
        if let organisation = item.organisation { return behind[organisation] != nil }
        return handedOut == nil && whoIsBehind(in: item.record.topicPartition) != nil
    }

    private func whoIsBehind(in partition: TopicPartition) -> OrganisationID? {
        behind.first { $0.value[partition] != nil }?.key
    }

    /// Lets what is behind others wait, and all that is of an organisation that has to; answers the rest.
    mutating func lineUp(_ items: [BatchItem], with organisation: OrganisationID? = nil) -> [BatchItem] {
        var free: [BatchItem] = []
        for item in items {
            let mustWait = organisation != nil && item.organisation == organisation
            if mustWait || holds(item) { add(item) } else { free.append(item) }
        }
        return free
    }

    /// Hands an organisation's line out, so that it is tried again.
    mutating func takeLine(of organisation: OrganisationID) -> [BatchItem] {
        triedAt = .now
        handedOut = (organisation, behind.removeValue(forKey: organisation) ?? [:])
        return lines.removeValue(forKey: organisation) ?? []
    }

    /// Takes back what of a line that was handed out was not tried; what was and has to wait is back already.
    mutating func putBack(_ items: [BatchItem], of organisation: OrganisationID) {
        if !items.isEmpty { lines[organisation, default: []] += items }
        if let places = handedOut?.behind, !places.isEmpty { behind[organisation] = places }
        handedOut = nil
    }

    /// From where to read again what stayed in its topic: of those of whom nothing waits in memory any more.
    mutating func rewind() -> [TopicPartition: Int64] {
        var places: [TopicPartition: Int64] = [:]
        for organisation in Array(behind.keys) where lines[organisation] == nil {
            places.merge(behind.removeValue(forKey: organisation) ?? [:], uniquingKeysWith: min)
        }
        reached.merge(places, uniquingKeysWith: min)
        return places
    }

    /// Forgets what is of partitions that have left: it comes again, here or elsewhere, from the first that waited.
    mutating func forget(_ partitions: Set<TopicPartition>) {
        guard !partitions.isEmpty else { return }
        lines = lines.mapValues { line in line.filter { !partitions.contains($0.record.topicPartition) } }
            .filter { !$0.value.isEmpty }
        behind = behind.mapValues { places in places.filter { !partitions.contains($0.key) } }
            .filter { !$0.value.isEmpty }
        reached = reached.filter { !partitions.contains($0.key) }
    }

    /// Where the group goes on: in no partition behind what waits in it.
    mutating func offsets(after settled: [TopicPartition: Int64]) -> [TopicPartition: Int64] {
        reached.merge(settled) { _, new in new }
        var first: [TopicPartition: Int64] = [:]
        for item in lines.values.joined() {
            let (partition, offset) = (item.record.topicPartition, item.record.offset)
            first[partition] = min(first[partition] ?? offset, offset)
        }
        for places in behind.values { first.merge(places, uniquingKeysWith: min) }
        defer { reached = reached.filter { first[$0.key] != nil } }
        return reached.merging(first, uniquingKeysWith: min)
    }

    private func line(of item: BatchItem) -> OrganisationID? {
        if let organisation = item.organisation { return lines[organisation] == nil ? nil : organisation }
        return lines.first { $0.value.contains { $0.record.key == item.record.key } }?.key
    }
}

extension BatchItem {
    /// Nil for what cannot be read.
    fileprivate var organisation: OrganisationID? { message?.envelope.organisation }
}
