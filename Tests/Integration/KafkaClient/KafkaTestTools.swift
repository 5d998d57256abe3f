import KafkaClient
import Logging
import Synchronization
import TestSupport
import Testing

/// The client against real sockets; one test at a time, since a starved machine makes members miss their heartbeats.
@Suite(.serialized) struct `The Kafka client` {}

/// What the Kafka tests share.
enum KafkaTestTools {
    static let logger = Logger(label: "kafka-tests") { _ in SwiftLogNoOpLogHandler() }

    /// Records of a few keys, numbered within their key, so that order per key can be seen.
    static func records(_ count: Int, topic: String, keys: Int = 7) -> [KafkaRecord] {
        (0..<count).map { number in
            KafkaRecord(topic: topic, key: Array("key-\(number % keys)".utf8), value: Array("\(number)".utf8))
        }
    }

    /// The number a record of ``records(_:topic:keys:)`` carries.
    static func number(_ record: KafkaConsumedRecord) -> Int {
        Int(String(decoding: record.value ?? [], as: UTF8.self)) ?? -1
    }

    /// Sends everything with a producer of its own and expects all of it delivered.
    static func send(_ records: [KafkaRecord], to broker: PrivateBroker) async throws {
        let producer = try KafkaProducer(broker.settings("sender"), logger: logger)
        let deliveries = try await producer.send(records)
        await producer.close()
        guard deliveries.areDelivered else { throw TestFailure("not all records were delivered") }
    }

    static func consumer(
        _ broker: PrivateBroker, group: String = "group", topics: [String],
        knowing servers: String? = nil, revokeWaitMax: Duration = .seconds(20),
        onAssigned: @escaping KafkaConsumer.PartitionsChanged = { _ in },
        onRevoked: @escaping KafkaConsumer.PartitionsChanged = { _ in },
        onLost: KafkaConsumer.PartitionsChanged? = nil
    ) throws -> KafkaConsumer {
        var settings = broker.settings("reader")
        settings.bootstrapServers = servers ?? settings.bootstrapServers
        settings.revokeWaitMax = revokeWaitMax
        return try KafkaConsumer(
            settings, group: group, topics: topics, onAssigned: onAssigned, onRevoked: onRevoked, onLost: onLost,
            logger: logger)
    }

    /// Reads until `count` records came, or half a minute passed.
    static func read(_ count: Int, from consumer: KafkaConsumer) async throws -> [KafkaConsumedRecord] {
        var records: [KafkaConsumedRecord] = []
        try await eventually("\(count) records") {
            records += try await consumer.nextBatch(max: 1000, wait: .milliseconds(200))
            return records.count >= count
        }
        return records
    }

    /// Tries again until it holds; gives up after a while, which fails the test.
    static func eventually(
        _ what: String, within limit: Duration = .seconds(45), _ holds: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now.advanced(by: limit)
        while try await !holds() {
            guard ContinuousClock.now < deadline else { throw TestFailure("waited in vain for \(what)") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The offsets that say "handled" for these records.
    static func offsets(after records: [KafkaConsumedRecord]) -> [TopicPartition: Int64] {
        records.reduce(into: [:]) { $0[$1.topicPartition] = max($0[$1.topicPartition] ?? 0, $1.offset + 1) }
    }
}

/// A sentence about why a test cannot go on.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A list several tasks write to.
final class Shared<Element: Sendable>: Sendable {
    private let list = Mutex<[Element]>([])

    var all: [Element] { list.withLock { $0 } }

    func add(_ element: Element) { list.withLock { $0.append(element) } }

    func add(_ elements: some Sequence<Element> & Sendable) { list.withLock { $0.append(contentsOf: elements) } }
}

/// A door that several tasks wait at until one opens it.
final class Door: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isOpen: Bool { state.withLock { $0.isOpen } }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
