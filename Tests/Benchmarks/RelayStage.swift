import EventContract
import KafkaClient
import Logging
import PaymentModel
import PostgresClient
import TestSupport
import TransactionalMessaging

/// The servers, the table and the rows on which relays are measured.
struct RelayStage: Sendable {
    let postgres: PrivatePostgres
    let broker: PrivateBroker
    let database: Database
    let rows: Int
    let bytes: Int
    let keys: Int
    let logger: Logger

    static func start(rows: Int, bytes: Int, keys: Int) async throws -> RelayStage {
        var logger = Logger(label: "benchmarks")
        logger.logLevel = .error
        // Commits wait for the disk, as they do where it counts.
        let postgres = try await PrivatePostgres.start(.durable)
        var settings = try await postgres.database()
        settings.searchPath = "relay"
        let database = Database(pool: PostgresPool(settings, logger: logger), ids: .random, time: .sometime)
        try await Migrator(database.pool, logger: logger).migrate(Probe.migrations)
        return RelayStage(
            postgres: postgres, broker: try await PrivateBroker.start(), database: database, rows: rows, bytes: bytes,
            keys: keys, logger: logger)
    }

    func end() async {
        await database.pool.close()
        await broker.stop()
    }

    /// Fills the table and stays up until the process is interrupted.
    func remain() async throws {
        try await fill()
        let settings = database.pool.settings
        say(
            "PostgreSQL \(settings.host):\(settings.port), database \(settings.database), schema relay, user postgres")
        say("Kafka \(broker.bootstrapServers), topic \(Topic.invoicing.rawValue)")
        while true { try await Task.sleep(for: .seconds(60)) }
    }

    // MARK: Draining

    /// The relay; answers when it began.
    func drainByRelay(rowsPerShard: Int) async throws -> ContinuousClock.Instant {
        try await fill()
        let settings = RelaySettings(rowsPerShard: rowsPerShard)
        let relay = Relay(database: database, kafka: broker.settings("relay"), settings: settings, logger: logger)
        let started = ContinuousClock.now
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await relay.run() }
            try await waitUntil("the outbox is empty", within: .seconds(600)) { try await isDrained() }
            tasks.cancelAll()
        }
        return started
    }

    /// The ceiling: reads behind the last position, one batch ahead of the produces, and puts nothing away.
    func drainBare(rowsPerShard: Int) async throws -> ContinuousClock.Instant {
        try await fill()
        let producer = try KafkaProducer(broker.settings("bare"), logger: logger)
        let started = ContinuousClock.now
        var last = Array(repeating: 0 as Int64, count: 8)
        var page = try await page(after: last, rowsPerShard)
        while !page.isEmpty {
            let records = page.map(\.record)
            async let deliveries = producer.send(records)
            for item in page { last[item.shard] = item.position }
            page = try await self.page(after: last, rowsPerShard)
            for case .failed(let error) in try await deliveries { throw error }
        }
        await producer.close()
        return started
    }

    private func page(
        after last: [Int64], _ limit: Int
    ) async throws -> [(shard: Int, position: Int64, record: KafkaRecord)] {
        try await database.pool.query(
            """
            SELECT head.shard, head.position, head.topic, head.key, head.value,
                array_to_string(head.headers, chr(31)) AS headers
            FROM unnest(\((0..<8).map { Int32($0) })::integer[], \(last)::bigint[]) AS held (shard, last)
            CROSS JOIN LATERAL (
                SELECT * FROM outbox WHERE outbox.shard = held.shard AND outbox.position > held.last
                ORDER BY outbox.position LIMIT \(limit)
            ) AS head
            """
        ) { row in (try row("shard") as Int, try row("position") as Int64, try Self.record(row)) }
    }

    private static func record(_ row: Row) throws -> KafkaRecord {
        let joined: [UInt8] = try row("headers")
        let parts = joined.split(separator: 0x1F, omittingEmptySubsequences: false)
        let headers = stride(from: 0, to: parts.count - 1, by: 2).map { index in
            KafkaHeader(String(decoding: parts[index], as: UTF8.self), Array(parts[index + 1]))
        }
        return KafkaRecord(topic: try row("topic"), key: try row("key"), value: try row("value"), headers: headers)
    }

    private func isDrained() async throws -> Bool {
        let left = try await database.pool.query("SELECT FROM outbox LIMIT 1") { _ in true }
        return left.isEmpty
    }

    /// Commits the rows, as a service would have written them.
    private func fill() async throws {
        let envelope = EventEnvelope(
            id: EventID(1), type: ProbeNotedV1.type, subject: 1, time: TimeSource.sometime.now(), sequence: 1,
            organisation: Probe.organisation, correlation: CorrelationID(1))
        let headers = CloudEvent.headers(of: envelope).flatMap { [$0.0, $0.1] }
        var options = TransactionOptions.readWrite
        options.statementTimeout = .seconds(300)
        try await database.pool.transaction(options) { transaction in
            try transaction.execute("TRUNCATE outbox, outbox_journal")
            try transaction.execute(
                """
                INSERT INTO outbox (shard, topic, key, value, headers, event_id, type, subject, sequence)
                SELECT number % \(keys) % 8, \(Topic.invoicing.rawValue), convert_to(subject::text, 'UTF8'),
                    convert_to(rpad('{"number":' || number || ',"text":"', \(Int32(bytes - 2)), 'x') || '"}', 'UTF8'),
                    \(headers), gen_random_uuid(), \(ProbeNotedV1.type.text), subject, number / \(keys) + 1
                FROM generate_series(0, \(rows) - 1) AS number,
                    LATERAL (SELECT lpad(to_hex(number % \(keys)), 32, '0')::uuid AS subject) AS key
                """)
        }
        try await database.pool.execute("VACUUM ANALYZE outbox")
    }
}
