import ArgumentParser
import KafkaClient
import Logging
import TestSupport

/// Records sent and read: ours against a bare loop on librdkafka, in the same run.
struct KafkaBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kafka",
        abstract: "Kafka records per second, as a share of a bare librdkafka loop's.",
        discussion: """
            Starts the embedded broker that stands beside this program, unless --bootstrap names another. Both sides \
            use the same settings and records, turn about; what counts is the ratio of the medians. The embedded \
            broker keeps 5 MiB a partition, so --records times --bytes must stay below 50 MiB for reading.
            """)

    @Option(help: "A broker to use instead of the embedded one, with topic benchmark of 12 partitions.")
    var bootstrap: String?

    @Option(help: "Records in a turn.")
    var records = 100_000

    @Option(help: "Bytes of a record's value.")
    var bytes = 300

    @Option(help: "Records in a batch; four batches are on their way at once.")
    var batch = 5000

    @Option(help: "Turns of each side.")
    var turns = 7

    func run() async throws {
        let broker = bootstrap == nil ? try await PrivateBroker.start(topics: [KafkaWork.topic: 12]) : nil
        let address = bootstrap ?? broker?.bootstrapServers ?? ""
        let work = KafkaWork(bootstrapServers: address, records: records, bytes: bytes, batch: batch)
        try await Comparison(
            name: "send, batches of \(batch), four at once", unit: "records/s", peerName: "bare loop",
            peer: { try BareKafkaLoop(work).send() }, ours: { try await work.send(tasks: 4, batch: batch) }
        ).run(turns: turns)
        try await Comparison(
            name: "send, batches of 500, four at once", unit: "records/s", peerName: "bare loop",
            peer: { try BareKafkaLoop(work).send() }, ours: { try await work.send(tasks: 4, batch: 500) }
        ).run(turns: turns)
        try await Comparison(
            name: "read, batches of 1000", unit: "records/s", peerName: "bare loop",
            peer: { try BareKafkaLoop(work).read() }, ours: { try await work.read() }
        ).run(turns: turns)
        await broker?.stop()
    }
}

/// What both sides do, and our way of doing it.
struct KafkaWork: Sendable {
    static let topic = "benchmark"

    let bootstrapServers: String
    let records: Int
    let bytes: Int
    let batch: Int

    private var settings: KafkaSettings {
        KafkaSettings(
            bootstrapServers: bootstrapServers, clientID: "benchmark", properties: ["fetch.wait.max.ms": "20"],
            sessionTimeout: .seconds(6), statisticsInterval: nil)
    }

    private var logger: Logger { Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() } }

    /// Sends all records in batches of several tasks; answers how many a second were acknowledged.
    func send(tasks: Int, batch size: Int) async throws -> Double {
        let producer = try KafkaProducer(settings, logger: logger)
        let value = [UInt8](repeating: 120, count: bytes)
        let batch = (0..<size).map { KafkaRecord(topic: Self.topic, key: Array("key-\($0 % 997)".utf8), value: value) }
        let rounds = max(1, records / size / tasks)
        // The first batch pays for the connection.
        _ = try await producer.send(Array(batch.prefix(1)))
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<tasks {
                group.addTask { for _ in 0..<rounds { try await Self.send(batch, producer) } }
            }
            try await group.waitForAll()
        }
        let rate = Double(rounds * size * tasks) / ((ContinuousClock.now - start) / .seconds(1))
        await producer.close()
        return rate
    }

    private static func send(_ batch: [KafkaRecord], _ producer: KafkaProducer) async throws {
        for case .failed(let error) in try await producer.send(batch) { throw error }
    }

    /// Reads all records as a new group; answers how many a second came after the first batch.
    func read() async throws -> Double {
        let group = "benchmark-\(UInt64.random(in: 0 ... .max))"
        let consumer = try KafkaConsumer(settings, group: group, topics: [Self.topic], logger: logger)
        var first = 0
        while first == 0 { first = try await consumer.nextBatch(max: 1000, wait: .seconds(1)).count }
        let start = ContinuousClock.now
        var count = 0
        while count + first < records / 2 {
            count += try await consumer.nextBatch(max: 1000, wait: .seconds(1)).count
        }
        let rate = Double(count) / ((ContinuousClock.now - start) / .seconds(1))
        await consumer.close()
        return rate
    }
}
