import EventContract
import KafkaClient
import PaymentModel
import Synchronization
import TestSupport
import TransactionalMessaging

extension RelayStage {
    /// What is timed: from the producer's call, or from the commit's answer, to the consumer's hand.
    enum Side: CaseIterable {
        case straight, relayed

        var name: String {
            switch self {
            case .straight: "producing straight to the broker"
            case .relayed: "commit, relay, broker            "
            }
        }
    }

    /// Sends at a steady rate and answers how long each took to be seen.
    func latencies(_ side: Side, rate: Int, count: Int) async throws -> [Duration] {
        let clock = Departures()
        let consumer = try KafkaConsumer(
            broker.settings("latency"), group: "latency-\(UInt64.random(in: .min ... .max))",
            topics: [Topic.payments.rawValue], logger: logger)
        // What is on the topic from before is read away first; the group has to form anyway.
        while try await !consumer.nextBatch(max: 1_000, wait: .seconds(4)).isEmpty {}
        let times = try await withThrowingTaskGroup(of: Void.self) { tasks in
            switch side {
            case .straight: tasks.addTask { try await sendStraight(rate: rate, count: count, clock) }
            case .relayed: tasks.addTask { try await sendByRelay(rate: rate, count: count, clock) }
            }
            var times: [Duration] = []
            while times.count < count {
                let batch = try await consumer.nextBatch(max: 1_000, wait: .seconds(10))
                guard !batch.isEmpty else { break }
                let now = ContinuousClock.now
                times += batch.compactMap { record in record.key.flatMap(clock.departure).map { now - $0 } }
            }
            tasks.cancelAll()
            return times
        }
        await consumer.close()
        return times
    }

    private func sendStraight(rate: Int, count: Int, _ clock: Departures) async throws {
        let producer = try KafkaProducer(broker.settings("straight"), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            try await steadily(rate: rate, count: count) { number in
                let subject = PaymentID(UInt128(number))
                let key = Array(subject.description.utf8)
                let value = Array(repeating: UInt8(ascii: "x"), count: bytes)
                clock.depart(key)
                tasks.addTask {
                    _ = try await producer.send([KafkaRecord(topic: Topic.payments.rawValue, key: key, value: value)])
                }
            }
            try await tasks.waitForAll()
        }
        await producer.close()
    }

    private func sendByRelay(rate: Int, count: Int, _ clock: Departures) async throws {
        let relay = Relay(database: database, kafka: broker.settings("relay"), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await relay.run() }
            // A leader first: its first look at the shards is no part of the latency.
            try await Task.sleep(for: .seconds(2))
            try await steadily(rate: rate, count: count) { number in
                let subject = PaymentID(UInt128(1_000_000_000 + number))
                tasks.addTask {
                    try await database.change(because: Probe.cause(run: "latency-\(number)")) { change in
                        change.announce(ProbeAnsweredV1(number: Int64(number)), about: subject)
                        change.afterCommit { clock.depart(Array(subject.description.utf8)) }
                    }
                }
            }
            try await Task.sleep(for: .seconds(30))
            tasks.cancelAll()
        }
    }

    /// Calls the body at even intervals, whatever each call takes.
    private func steadily(rate: Int, count: Int, _ body: (Int) -> Void) async throws {
        let started = ContinuousClock.now
        for number in 1...count {
            try await Task.sleep(until: started + .seconds(1) * number / rate, clock: .continuous)
            body(number)
        }
    }
}

/// When each key left; forgotten when it arrives.
private final class Departures: Sendable {
    private let times = Mutex<[[UInt8]: ContinuousClock.Instant]>([:])

    func depart(_ key: [UInt8]) { times.withLock { $0[key] = .now } }

    func departure(of key: [UInt8]) -> ContinuousClock.Instant? { times.withLock { $0.removeValue(forKey: key) } }
}
