import Glibc
import KafkaClient
import Synchronization
import TestSupport
import Testing

extension `The Kafka client` {
    @Suite struct `A rebalance` {
        typealias Tools = KafkaTestTools

        @Test func `waits for the work in hand before a partition leaves (C-21)`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 2])
            try await Tools.send(Tools.records(200, topic: "t", keys: 20), to: broker)
            let revoking = Door()
            let slow = try Tools.consumer(broker, topics: ["t"], onRevoked: { _ in revoking.open() })
            let start = Dictionary(
                uniqueKeysWithValues: (0..<2).map { (TopicPartition(topic: "t", partition: $0), Int64(0)) })
            var inHand: [KafkaConsumedRecord] = []
            try await Tools.eventually("records of both partitions in one batch") {
                if !inHand.isEmpty { try await slow.seek(start) }
                inHand = try await slow.nextBatch(max: 1000, wait: .milliseconds(500))
                return Set(inHand.map(\.topicPartition)).count == 2
            }
            let held = Set(inHand.map(\.topicPartition))
            let handled = Tools.offsets(after: inHand)
            #expect(held.count == 2)

            let newcomer = try Tools.consumer(broker, topics: ["t"])
            let early = Shared<KafkaConsumedRecord>()
            try await Tools.eventually("the revoke") {
                early.add(try await newcomer.nextBatch(max: 100, wait: .milliseconds(50)))
                return revoking.isOpen
            }
            // The handler has returned, yet the batch in hand keeps the partition.
            for _ in 0..<20 { early.add(try await newcomer.nextBatch(max: 100, wait: .milliseconds(50))) }
            #expect(early.all.isEmpty)
            #expect(try await slow.assignment() == held)

            #expect(try await slow.commit(handled) == .committed)
            try await Tools.eventually("the partition to move") {
                let records = try await newcomer.nextBatch(max: 100, wait: .milliseconds(50))
                for record in records {
                    #expect(record.offset >= handled[record.topicPartition] ?? 0, "committed, yet delivered again")
                }
                return try await newcomer.assignment().count == 1
            }
            #expect(try await slow.assignment().isDisjoint(with: newcomer.assignment()))
            await newcomer.close()
            await slow.close()
        }

        @Test func `waits for the revoke handler before a partition leaves (C-21)`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 2])
            let (revoking, mayReturn) = (Door(), Door())
            let first = try Tools.consumer(
                broker, topics: ["t"],
                onRevoked: { _ in
                    revoking.open()
                    await mayReturn.pass()
                })
            try await Tools.eventually("the first assignment") { try await first.assignment().count == 2 }
            let second = try Tools.consumer(broker, topics: ["t"])
            try await Tools.eventually("the revoke") { revoking.isOpen }
            for _ in 0..<20 {
                _ = try await second.nextBatch(max: 1, wait: .milliseconds(50))
                #expect(try await second.assignment().isEmpty)
            }
            mayReturn.open()
            try await Tools.eventually("the partition to move") { try await second.assignment().count == 1 }
            await second.close()
            await first.close()
        }

        @Test func `does not wait for ever for a handler that never returns (C-22)`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 2])
            let never = Door()
            let stuck = try Tools.consumer(
                broker, topics: ["t"], revokeWaitMax: .milliseconds(300), onRevoked: { _ in await never.pass() })
            try await Tools.eventually("the first assignment") { try await stuck.assignment().count == 2 }
            let second = try Tools.consumer(broker, topics: ["t"])
            try await Tools.eventually("the partition to move") { try await second.assignment().count == 1 }
            await second.close()
            await stuck.close()
            never.open()
        }

        @Test func `hands over without a record twice or missing while members come and go (C-20)`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 6])
            let ledger = HandlingLedger()
            let members = try (0..<2).map { try Member("m\($0)", broker, ledger) }
            let producer = try KafkaProducer(broker.settings(), logger: Tools.logger)
            var late: [Member] = []
            for round in 0..<30 {
                _ = try await producer.send(numbered(round * 100..<(round + 1) * 100))
                if round == 5 || round == 10 { late.append(try Member("late\(round)", broker, ledger)) }
                if round == 20 { await late.removeFirst().leave() }
                try await Task.sleep(for: .milliseconds(100))
            }
            try await Tools.eventually("all records handled") { ledger.handled.count >= 3000 }
            for member in members + late { await member.leave() }
            await producer.close()

            // Only a member that missed its heartbeats, on a starved machine, may have its work done again.
            let once = ledger.handled.sorted() == Array(0..<3000)
            #expect(once || ledger.losses > 0)
            #expect(Set(ledger.handled) == Set(0..<3000))
            #expect(ledger.breaches.isEmpty)
        }

        @Test func `lets a member go that has joined and not learnt its part (C-20)`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 2])
            // The group takes it in, and never comes to say what is its.
            try await broker.fail(.syncGroup, error: 27, times: 100)
            let servers = broker.bootstrapServers
            await #expect(processExitsWith: .success) { [servers = servers as String] in
                try await Member.leaveWhileJoining(servers)
            }
            try await broker.heal(.syncGroup)
            let next = try Tools.consumer(broker, topics: ["t"])
            try await Tools.eventually("the group to go on") { try await next.assignment().count == 2 }
            await next.close()
        }

        @Test func `after kill -9 of a member loses nothing and never overlaps (C-20, C-21)`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 6])
            let ledger = HandlingLedger()
            try await Tools.send(numbered(0..<600), to: broker)
            let servers = broker.bootstrapServers
            let survivors = try (0..<2).map { try Member("survivor\($0)", broker, ledger) }
            await #expect(processExitsWith: .signal(9)) { [servers = servers as String] in
                try await Member.dieInTheMiddle(servers)
            }
            try await Tools.send(numbered(600..<900), to: broker)
            try await Tools.eventually("all records handled") { Set(ledger.handled).isSuperset(of: 0..<900) }
            for survivor in survivors { await survivor.leave() }
            #expect(ledger.breaches.isEmpty)
            let lag = try await KafkaAdmin(broker.settings(), logger: Tools.logger).lag(group: "group", topics: ["t"])
            #expect(lag.count == 6 && lag.values.allSatisfy { $0 == 0 })
        }

        private func numbered(_ numbers: Range<Int>) -> [KafkaRecord] {
            numbers.map { KafkaRecord(topic: "t", key: Array("key-\($0 % 40)".utf8), value: Array("\($0)".utf8)) }
        }
    }
}

/// What all members handled, and whether two ever worked on one partition.
final class HandlingLedger: Sendable {
    private struct State {
        var handled: [Int] = []
        var workers: [TopicPartition: String] = [:]
        var highest: [TopicPartition: Int64] = [:]
        var breaches: [String] = []
        var losses = 0
    }

    private let state = Mutex(State())

    var handled: [Int] { state.withLock { $0.handled } }
    var breaches: [String] { state.withLock { $0.breaches } }
    var losses: Int { state.withLock { $0.losses } }

    func lost(_ partitions: [TopicPartition]) {
        state.withLock { state in
            state.losses += 1
            // They are another's already; whoever works on them now is no breach of ours.
            for partition in partitions { state.workers[partition] = nil }
        }
    }

    func begin(_ member: String, _ partitions: Set<TopicPartition>) {
        state.withLock { state in
            for partition in partitions {
                if let other = state.workers[partition] {
                    state.breaches.append("\(member) and \(other) both work on \(partition)")
                }
                state.workers[partition] = member
            }
        }
    }

    func end(_ member: String, _ records: [KafkaConsumedRecord]) {
        state.withLock { state in
            for record in records {
                state.workers[record.topicPartition] = nil
                state.handled.append(KafkaTestTools.number(record))
            }
        }
    }
}

/// A consumer that handles what it gets: slowly enough to be caught in the middle by a rebalance.
final class Member: Sendable {
    private let consumer: KafkaConsumer
    private let work: Task<Void, any Error>
    private let leaving = Door()

    init(_ name: String, _ broker: PrivateBroker, _ ledger: HandlingLedger) throws {
        let consumer = try KafkaTestTools.consumer(broker, topics: ["t"], onLost: { ledger.lost($0) })
        self.consumer = consumer
        work = Task { [leaving] in
            while !leaving.isOpen {
                let records = try await consumer.nextBatch(max: 50, wait: .milliseconds(50))
                guard !records.isEmpty else { continue }
                ledger.begin(name, Set(records.map(\.topicPartition)))
                try await Task.sleep(for: .milliseconds(30))
                ledger.end(name, records)
                try await consumer.commit(KafkaTestTools.offsets(after: records))
            }
        }
    }

    func leave() async {
        leaving.open()
        _ = await work.result
        await consumer.close()
    }

    /// Joins, takes a batch, commits the first one and dies with the second in hand.
    static func dieInTheMiddle(_ servers: String) async throws {
        let consumer = try passing(servers)
        try await KafkaTestTools.eventually("the assignment") { try await !consumer.assignment().isEmpty }
        _ = try await consumer.nextBatch(max: 5, wait: .milliseconds(500))
        kill(getpid(), SIGKILL)
    }
    static func leaveWhileJoining(_ servers: String) async throws {
        let consumer = try passing(servers)
        try await Task.sleep(for: .seconds(5))
        guard try await consumer.assignment().isEmpty else { throw TestFailure("it was told its part") }
        await consumer.close()
    }

    private static func passing(_ servers: String) throws -> KafkaConsumer {
        let settings = KafkaSettings(
            bootstrapServers: servers, clientID: "victim",
            properties: ["heartbeat.interval.ms": "500", "fetch.wait.max.ms": "20"], sessionTimeout: .seconds(6))
        return try KafkaConsumer(settings, group: "group", topics: ["t"], logger: KafkaTestTools.logger)
    }
}
