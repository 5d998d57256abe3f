import KafkaClient
import TestSupport
import Testing

extension `The Kafka client` {
    @Suite struct `Sending records` {
        typealias Tools = KafkaTestTools

        @Test(arguments: [1, 2, 3])
        func `keeps keys, values and headers as they were, empty and null ones too`(seed: UInt64) async throws {
            var random = SeededGenerator(seed: seed)
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            let sent = (0..<200).map { _ in KafkaRecord.random(topic: "t", using: &random) }
            try await Tools.send(sent, to: broker)

            let consumer = try Tools.consumer(broker, topics: ["t"])
            let received = try await Tools.read(sent.count, from: consumer)
            await consumer.close()

            #expect(received.map(\.record) == sent)
            #expect(received.map(\.offset) == Array(0..<Int64(sent.count)))
        }

        @Test func `answers for each record with its partition and offset`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 4])
            let producer = try KafkaProducer(broker.settings(), logger: Tools.logger)
            let deliveries = try await producer.send(Tools.records(100, topic: "t"))
            await producer.close()

            let places = deliveries.map { delivery in
                if case .delivered(let partition, let offset) = delivery { "\(partition)-\(offset)" } else { "failed" }
            }
            #expect(Set(places).count == 100)
            #expect(!places.contains("failed"))
        }

        @Test func `keeps the order of each key over many batches at once`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 12])
            let producer = try KafkaProducer(broker.settings(), logger: Tools.logger)
            for start in 0..<10 {
                let batch = (start * 500..<(start + 1) * 500).map { number in
                    KafkaRecord(topic: "t", key: Array("key-\(number % 17)".utf8), value: Array("\(number)".utf8))
                }
                #expect(try await producer.send(batch).areDelivered)
            }
            await producer.close()

            let consumer = try Tools.consumer(broker, topics: ["t"])
            let received = try await Tools.read(5000, from: consumer)
            await consumer.close()
            for (key, records) in Dictionary(grouping: received, by: \.key) {
                let numbers = records.map(Tools.number)
                #expect(numbers == numbers.sorted(), "key \(key ?? [])")
                #expect(Set(numbers).count == numbers.count)
            }
        }

        @Test func `reports a refused record without failing the others`() async throws {
            let broker = try await PrivateBroker.start(topics: ["good": 1])
            let producer = try KafkaProducer(broker.settings(), logger: Tools.logger)
            let tooLarge = KafkaRecord(topic: "good", key: nil, value: Array(repeating: 1, count: 2_000_000))
            var batch = Tools.records(10, topic: "good")
            batch.insert(tooLarge, at: 5)
            let deliveries = try await producer.send(batch)
            await producer.close()

            #expect(deliveries[5].error?.kind == .recordRefused)
            #expect(deliveries[5].error?.mayBeStored == false)
            #expect(deliveries.enumerated().allSatisfy { $0.offset == 5 || $0.element.isDelivered })
        }

        @Test func `reports what the broker refused, and only that`() async throws {
            let broker = try await PrivateBroker.start(topics: ["a": 1, "b": 1])
            let producer = try KafkaProducer(broker.settings(), logger: Tools.logger)
            _ = try await producer.send(Tools.records(1, topic: "a"))
            // TOPIC_AUTHORIZATION_FAILED, which the library does not retry.
            try await broker.fail(.produce, error: 29)
            let refused = try await producer.send(Tools.records(1, topic: "a"))
            let accepted = try await producer.send(Tools.records(1, topic: "b"))
            await producer.close()

            #expect(refused.first?.error?.kind == .notAuthorised)
            #expect(accepted.areDelivered)
        }

        @Test func `retries what can be retried, without doubling or reordering`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            let producer = try KafkaProducer(broker.settings(), logger: Tools.logger)
            // NOT_LEADER_FOR_PARTITION and REQUEST_TIMED_OUT: refused before anything was stored.
            try await broker.fail(.produce, error: 6, times: 3)
            try await broker.fail(.produce, error: 7, times: 2)
            #expect(try await producer.send(Tools.records(300, topic: "t")).areDelivered)
            await producer.close()

            let consumer = try Tools.consumer(broker, topics: ["t"])
            #expect(try await Tools.read(300, from: consumer).map(Tools.number) == Array(0..<300))
            await consumer.close()
        }

        @Test func `waits out a broker that goes down and comes back`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 3])
            let producer = try KafkaProducer(broker.settings(), logger: Tools.logger)
            _ = try await producer.send(Tools.records(10, topic: "t"))
            try await broker.goDown()
            async let late = producer.send(Tools.records(50, topic: "t"))
            try await broker.comeUp()
            #expect(try await late.areDelivered)
            await producer.close()
        }

        @Test func `gives up after the delivery time-out and says that nothing was stored`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            var settings = broker.settings()
            settings.deliveryTimeout = .seconds(1)
            let producer = try KafkaProducer(settings, logger: Tools.logger)
            await broker.stop()
            let deliveries = try await producer.send(Tools.records(3, topic: "t"))
            await producer.close(timeout: .zero)

            #expect(deliveries.map { $0.error?.kind } == [.timedOut, .timedOut, .timedOut])
            #expect(deliveries.allSatisfy { $0.error?.mayBeStored == false })
        }

        @Test func `more records than its queue holds wait for room`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 4])
            var settings = broker.settings()
            settings.properties["queue.buffering.max.messages"] = "100"
            let producer = try KafkaProducer(settings, logger: Tools.logger)
            #expect(try await producer.send(Tools.records(5000, topic: "t")).areDelivered)
            await producer.close()
        }

        @Test func `closing while records are in flight answers for every one, and refuses later ones`() async throws {
            let broker = try await PrivateBroker.start(topics: ["t": 1])
            let producer = try KafkaProducer(broker.settings(), logger: Tools.logger)
            await broker.stop()
            let stranded = try await producer.begin(Tools.records(20, topic: "t"))
            await producer.close(timeout: .milliseconds(100))
            await stranded.wait()

            #expect((0..<20).allSatisfy { stranded.delivery(of: $0)?.error?.kind == .closed })
            await #expect(throws: KafkaError.self) { try await producer.send(Tools.records(1, topic: "t")) }
        }

        @Test func `an empty batch needs no broker`() async throws {
            let producer = try KafkaProducer(
                KafkaSettings(bootstrapServers: "127.0.0.1:1", clientID: "test"), logger: Tools.logger)
            #expect(try await producer.send([]).isEmpty)
            await producer.close(timeout: .zero)
        }
    }
}

extension KafkaRecord {
    static func random(topic: String, using random: inout SeededGenerator) -> KafkaRecord {
        let headers = (0..<Int.random(in: 0...4, using: &random)).map { number in
            KafkaHeader(number % 2 == 0 ? "même-nom" : "name-\(number)", bytes(using: &random) ?? [])
        }
        return KafkaRecord(topic: topic, key: bytes(using: &random), value: bytes(using: &random), headers: headers)
    }

    private static func bytes(using random: inout SeededGenerator) -> [UInt8]? {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: nil
        case 1: []
        default: (0..<Int.random(in: 1...300, using: &random)).map { _ in .random(in: 0...255, using: &random) }
        }
    }
}
