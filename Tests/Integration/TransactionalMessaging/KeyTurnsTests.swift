import KafkaClient
import Logging
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `The turns of keys` {
    @Test func `C-22 are not held up by a refusal of the past while another key of the batch is late`() async throws {
        try await Sending.with { sending in
            var turns = KeyTurns()
            var acknowledged: [Int64] = []
            let batch = [
                sending.row(1, topic: "stuck", key: "late"), sending.row(2, key: "large", size: Sending.tooLarge),
                sending.row(3, key: "fine"), sending.row(4, topic: "stuck", key: "late"), sending.row(5, key: "large"),
            ]
            let first = turns.judge(try await sending.send(batch))
            turns.backOff(after: first, atMost: .seconds(15))
            acknowledged += first.acknowledged.map(\.position)
            try await waitUntil("the refused key goes on trial") {
                acknowledged += turns.judgeLate().acknowledged.map(\.position)
                return turns.onTrial == [sending.place("large")] && acknowledged == [3]
            }
            #expect(turns.late.map(\.count) == [2], "of the batch no more is kept than what is late")

            let trial = try await sending.send([sending.row(2, key: "large")])
            acknowledged += turns.judge(trial).acknowledged.map(\.position)
            try await waitUntil("it goes well") {
                acknowledged += turns.judgeLate().acknowledged.map(\.position)
                return acknowledged == [3, 2]
            }
            for _ in 0..<3 { _ = turns.judgeLate() }
            #expect(turns.blocked == [sending.place("late", topic: "stuck")])

            try await sending.unstick()
            try await waitUntil("what was late goes out") {
                acknowledged += turns.judgeLate().acknowledged.map(\.position)
                return turns.blocked.isEmpty
            }
            #expect(acknowledged == [3, 2, 1, 4])
        }
    }

    @Test func `C-22 come while other keys fail one after the other`() async throws {
        try await Sending.with { sending in
            var turns = KeyTurns()
            var number: Int64 = 0
            try await waitUntil("the first goes on trial", within: .seconds(10)) {
                number += 1
                let sent = try await sending.send([sending.row(number, key: "\(number)", size: Sending.tooLarge)])
                turns.backOff(after: turns.judge(sent), atMost: .seconds(15))
                return turns.onTrial.contains(sending.place("1"))
            }
        }
    }
}

/// A producer and two topics, one of which has no leader.
private struct Sending {
    /// Larger than the producer takes.
    static let tooLarge = 2 << 20

    let broker: PrivateBroker
    let producer: KafkaProducer

    static func with(_ body: (Sending) async throws -> Void) async throws {
        let broker = try await PrivateBroker.start(topics: ["t": 1, "stuck": 1])
        let producer = try KafkaProducer(
            broker.settings(), logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        let sending = Sending(broker: broker, producer: producer)
        // It knows both topics before one of them loses its leader.
        _ = try await producer.send(["t", "stuck"].map { KafkaRecord(topic: $0, key: [], value: []) })
        try await broker.lead("stuck", 0, by: nil)
        do {
            try await body(sending)
        } catch {
            await producer.close(timeout: .zero)
            throw error
        }
        await producer.close(timeout: .zero)
    }

    func unstick() async throws { try await broker.lead("stuck", 0) }

    func row(_ position: Int64, topic: String = "t", key: String, size: Int = 1) -> OutboxBatch.Item {
        let record = KafkaRecord(topic: topic, key: Array(key.utf8), value: [UInt8](repeating: 0x20, count: size))
        return OutboxBatch.Item(shard: 0, position: position, record: record)
    }

    func place(_ key: String, topic: String = "t") -> KafkaRecordKey {
        KafkaRecord(topic: topic, key: Array(key.utf8), value: nil).place
    }

    /// Sends rows as the relay does and waits for a moment only.
    func send(_ rows: [OutboxBatch.Item]) async throws -> SentBatch {
        let sent = try await producer.begin(rows.map(\.record))
        await sent.wait(atMost: .milliseconds(250))
        return SentBatch(OutboxBatch(items: rows, claimedAt: .now), sent)
    }
}
