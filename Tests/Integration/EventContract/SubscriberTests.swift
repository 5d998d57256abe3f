import EventContract
import KafkaClient
import Logging
import PaymentModel
import TestSupport
import Testing

/// The subscriber other systems may start from reads what we publish, over a broker.
@Suite struct `The subscriber in Python` {
    @Test func `takes every event as the relay publishes it (EVT-6)`() async throws {
        let broker = try await PrivateBroker.start()
        let records = try Samples.all().enumerated().map { try Samples.record($1, sequence: 1, number: $0 + 1) }
        try await publish(records, to: broker)

        let run = try await Subscriber.run(broker.bootstrapServers, "--until", "\(records.count)")
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.hasSuffix("\(records.count) events: 0 invalid, 0 unknown, 0 again, 0 gaps\n"))
    }

    @Test func `goes on where its group stopped (EVT-3)`() async throws {
        let broker = try await PrivateBroker.start()
        let sample = try #require(try Samples.all().first)
        let records = try (1...6).map { try Samples.record(sample, sequence: Int64($0), number: 7) }
        try await publish(records, to: broker)

        for part in [["#1", "#2"], ["#3", "#4", "#5", "#6"]] {
            let run = try await Subscriber.run(broker.bootstrapServers, "--group", "g", "--until", "\(part.count)")
            #expect(
                run.output.split(separator: "\n").dropLast().map { $0.split(separator: " ")[3] } == part.map { $0[...] }
            )
        }
    }

    @Test func `says what is wrong with an event that breaks the contract, and reads on (EVT-5)`() async throws {
        let broker = try await PrivateBroker.start()
        let sample = try #require(try Samples.all().first)
        var broken = try Samples.record(sample, sequence: 1, number: 1)
        broken.value = Array("{}".utf8)
        let good = try Samples.record(sample, sequence: 1, number: 2)
        try await publish([broken, good, good], to: broker)

        let run = try await Subscriber.run(broker.bootstrapServers, "--until", "3")
        #expect(run.status == 1)
        #expect(run.output.contains("INVALID"))
        #expect(run.output.hasSuffix("3 events: 1 invalid, 0 unknown, 1 again, 0 gaps\n"), "\(run.output)")
    }

    private func publish(_ records: [KafkaRecord], to broker: PrivateBroker) async throws {
        let producer = try KafkaProducer(broker.settings(), logger: Logger(label: "test"))
        let deliveries = try await producer.send(records)
        await producer.close()
        let failed = deliveries.filter { if case .delivered = $0 { false } else { true } }
        try #require(failed.isEmpty)
    }
}
