import KafkaClient
import TestSupport
import Testing

extension `The Kafka client` {
    @Suite struct `Reading records` {
        typealias Tools = KafkaTestTools

        @Test func `starts at the beginning and goes on after what was committed`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            try await Tools.send(Tools.records(100, topic: "t"), to: broker)
            let first = try Tools.consumer(broker, topics: ["t"])
            let records = try await Tools.read(100, from: first)
            #expect(records.map(Tools.number) == Array(0..<100))
            #expect(try await first.commit([TopicPartition(topic: "t", partition: 0): 40]) == .committed)
            await first.close()

            let second = try Tools.consumer(broker, topics: ["t"])
            #expect(try await Tools.read(60, from: second).map(Tools.number) == Array(40..<100))
            await second.close()
        }

        @Test func `delivers again what was handled but not committed before a crash (C-20)`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            try await Tools.send(Tools.records(10, topic: "t"), to: broker)
            let first = try Tools.consumer(broker, topics: ["t"])
            _ = try await Tools.read(10, from: first)
            await first.close()

            let second = try Tools.consumer(broker, topics: ["t"])
            #expect(try await Tools.read(10, from: second).map(Tools.number) == Array(0..<10))
            await second.close()
        }

        @Test func `hands out at most as many as asked, and nothing twice`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 3])
            try await Tools.send(Tools.records(1000, topic: "t"), to: broker)
            let consumer = try Tools.consumer(broker, topics: ["t"])
            var numbers: [Int] = []
            try await Tools.eventually("all records") {
                let batch = try await consumer.nextBatch(max: 33, wait: .milliseconds(200))
                #expect(batch.count <= 33)
                numbers += batch.map(Tools.number)
                return numbers.count >= 1000
            }
            #expect(numbers.sorted() == Array(0..<1000))
            await consumer.close()
        }

        @Test func `waits no longer than asked for, and ends early when cancelled`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            let consumer = try Tools.consumer(broker, topics: ["t"])
            #expect(try await consumer.nextBatch(max: 10, wait: .milliseconds(20)).isEmpty)
            let waiting = Task { try await consumer.nextBatch(max: 10, wait: .seconds(3600)) }
            waiting.cancel()
            #expect(try await waiting.value.isEmpty)
            await consumer.close()
        }

        @Test func `closing ends those who wait and refuses those who come later`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            let consumer = try Tools.consumer(broker, topics: ["t"])
            let waiting = Task { try await consumer.nextBatch(max: 10, wait: .seconds(3600)) }
            try await Tools.eventually("the assignment") { try await !consumer.assignment().isEmpty }
            await consumer.close()
            await #expect(throws: KafkaError.self) { try await waiting.value }
            await #expect(throws: KafkaError.self) { try await consumer.nextBatch(max: 1, wait: .zero) }
            await #expect(throws: KafkaError.self) {
                try await consumer.commit([TopicPartition(topic: "t", partition: 0): 1])
            }
            await consumer.close()
        }

        @Test func `closes without a broker, too`() async throws {
            let settings = KafkaSettings(bootstrapServers: "127.0.0.1:1", clientID: "test")
            let consumer = try KafkaConsumer(settings, group: "g", topics: ["t"], logger: Tools.logger)
            #expect(try await consumer.nextBatch(max: 1, wait: .milliseconds(10)).isEmpty)
            await consumer.close()
        }

        @Test func `seeks back, so that a batch can be tried again`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            try await Tools.send(Tools.records(20, topic: "t"), to: broker)
            let consumer = try Tools.consumer(broker, topics: ["t"])
            _ = try await Tools.read(20, from: consumer)
            try await consumer.seek([TopicPartition(topic: "t", partition: 0): 12])
            #expect(try await Tools.read(8, from: consumer).map(Tools.number) == Array(12..<20))
            await consumer.close()
        }

        @Test func `a paused partition keeps its records until it is resumed`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1, "u": 1])
            let consumer = try Tools.consumer(broker, topics: ["t", "u"])
            try await Tools.eventually("the assignment") { try await consumer.assignment().count == 2 }
            let paused = TopicPartition(topic: "t", partition: 0)
            try await Tools.send(Tools.records(500, topic: "t"), to: broker)
            let early = try await consumer.nextBatch(max: 100, wait: .seconds(10))
            try await consumer.pause([paused])
            try await Tools.send(Tools.records(50, topic: "u"), to: broker)
            let others = try await Tools.read(50, from: consumer)
            #expect(others.allSatisfy { $0.topic == "u" })
            try await consumer.resume([paused])
            let late = try await Tools.read(500 - early.count, from: consumer)
            #expect((early + late).map(Tools.number) == Array(0..<500))
            await consumer.close()
        }

        @Test func `goes on after the broker was down, and after it was frozen`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 2])
            let consumer = try Tools.consumer(broker, topics: ["t"])
            try await Tools.send(Tools.records(10, topic: "t"), to: broker)
            #expect(try await Tools.read(10, from: consumer).count == 10)
            try await broker.goDown(for: .milliseconds(500))
            try await Tools.send(Tools.records(10, topic: "t"), to: broker)
            #expect(try await Tools.read(10, from: consumer).count == 10)
            try await broker.freeze(for: .milliseconds(500))
            try await Tools.send(Tools.records(10, topic: "t"), to: broker)
            #expect(try await Tools.read(10, from: consumer).count == 10)
            await consumer.close()
        }

        @Test func `goes on when the only broker it was told of is gone and the others are there`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1], brokers: 3)
            try await broker.lead("t", 0, by: 2)
            let first = broker.bootstrapServers.split(separator: ",").first.map(String.init)
            // The coordinator of this group is the third broker.
            let consumer = try Tools.consumer(broker, group: "group", topics: ["t"], knowing: first)
            try await Tools.send(Tools.records(10, topic: "t"), to: broker)
            #expect(try await Tools.read(10, from: consumer).count == 10)
            // Time to learn of the others.
            try await Task.sleep(for: .seconds(1))
            try await broker.goDown(broker: 1)
            try await Tools.send(Tools.records(10, topic: "t"), to: broker)
            #expect(try await Tools.read(10, from: consumer).count == 10)
            await consumer.close()
        }

        @Test(arguments: 1...3)
        func `reads an empty broker in the old one's place from its start`(round: Int) async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            let consumer = try Tools.consumer(broker, topics: ["t"])
            try await Tools.send(Tools.records(300, topic: "t"), to: broker)
            let before = try await Tools.read(300, from: consumer)
            #expect(try await consumer.commit(Tools.offsets(after: before)) == .committed)
            try await broker.replaceByEmpty()
            // More than the old broker held, so that going on at the old offset would skip records.
            try await Tools.send(Tools.records(400, topic: "t"), to: broker)
            let seen = Shared<Int>()
            try await Tools.eventually("every record of the new broker") {
                let records = try await consumer.nextBatch(max: 1000, wait: .milliseconds(200))
                seen.add(records.map(Tools.number))
                _ = try? await consumer.commit(Tools.offsets(after: records))
                return Set(seen.all).isSuperset(of: 0..<400)
            }
            await consumer.close()
        }
    }
}

extension `The Kafka client` {
    @Suite struct `Committing offsets` {
        typealias Tools = KafkaTestTools

        @Test func `is postponed, not lost, while the group rebalances (C-20)`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            try await Tools.send(Tools.records(5, topic: "t"), to: broker)
            let consumer = try Tools.consumer(broker, topics: ["t"])
            let records = try await Tools.read(5, from: consumer)
            // REBALANCE_IN_PROGRESS.
            try await broker.fail(.offsetCommit, error: 27, times: 2)
            let place = TopicPartition(topic: "t", partition: 0)
            #expect(try await consumer.commit(Tools.offsets(after: records)) == .postponed([place]))
            let admin = KafkaAdmin(broker.settings(), logger: Tools.logger)
            try await Tools.eventually("the third try") {
                try await admin.lag(group: "group", topics: ["t"]) == [place: 0]
            }
            await consumer.close()
        }

        @Test(arguments: [22, 25])
        func `is no failure when the group went on without us, and the records come again (C-20)`(
            error: Int
        ) async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            try await Tools.send(Tools.records(5, topic: "t"), to: broker)
            let lost = Door()
            let consumer = try Tools.consumer(broker, topics: ["t"], onLost: { _ in lost.open() })
            let records = try await Tools.read(5, from: consumer)
            // ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID.
            try await broker.fail(.offsetCommit, error: error)
            let outcome = try await consumer.commit(Tools.offsets(after: records))
            #expect(outcome == .partitionsLeft([TopicPartition(topic: "t", partition: 0)]))
            #expect(try await Tools.read(5, from: consumer).map(Tools.number) == Array(0..<5))
            #expect(lost.isOpen)
            await consumer.close()
        }

        @Test func `leaves out partitions that are not ours and commits the others`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1, "other": 1])
            try await Tools.send(Tools.records(5, topic: "t"), to: broker)
            let consumer = try Tools.consumer(broker, topics: ["t"])
            _ = try await Tools.read(5, from: consumer)
            let ours = TopicPartition(topic: "t", partition: 0)
            let foreign = TopicPartition(topic: "other", partition: 0)
            #expect(try await consumer.commit([ours: 5, foreign: 7]) == .partitionsLeft([foreign]))
            await consumer.close()
            let lag = try await KafkaAdmin(broker.settings(), logger: Tools.logger)
                .lag(group: "group", topics: ["t", "other"])
            #expect(lag == [ours: 0, foreign: 0])
        }

        @Test func `reports other failures as errors`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            try await Tools.send(Tools.records(5, topic: "t"), to: broker)
            let consumer = try Tools.consumer(broker, topics: ["t"])
            let records = try await Tools.read(5, from: consumer)
            // GROUP_AUTHORIZATION_FAILED.
            try await broker.fail(.offsetCommit, error: 30)
            let failure = await #expect(throws: KafkaError.self) {
                try await consumer.commit(Tools.offsets(after: records))
            }
            #expect(failure?.kind == .notAuthorised)
            #expect(try await consumer.commit(Tools.offsets(after: records)) == .committed)
            await consumer.close()
        }
    }
}
