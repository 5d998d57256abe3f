import ArgumentParser
import EventContract
import KafkaClient
import Logging
import PaymentModel
import PostgresClient
import ReconciliationService
import ServiceRuntime
import TestSupport
import TransactionalMessaging

/// Compares reading accepted payments into the ledger with writing the same rows and nothing else.
struct LedgerBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Events consumed per second into the ledger, beside writing the same rows in the same batches.")

    @Option(help: "Payments that are told of.")
    var events = 20_000

    @Option(help: "How many members of the group read them, as with so many instances of the service.")
    var members = 1

    @Option(help: "How often each pair is measured.")
    var turns = 3

    func run() async throws {
        let books = try await BooksForBenchmark.start()
        let runs = LedgerRuns(events: events, members: members)
        let comparison = Comparison(
            name: "book \(events) payments, \(members) at it", unit: "events/s", peerName: "rows alone",
            peer: { try await runs.write(books) }, ours: { try await runs.consume(books) })
        try await comparison.run(turns: turns)
        await books.end()
    }
}

/// So many payments, booked from their events and written as rows.
private struct LedgerRuns: Sendable {
    /// Rows of one transaction of the peer, as many as the consumer takes at once.
    private static let batch = 500

    let events: Int
    let members: Int

    private func clear(_ books: BooksForBenchmark) async throws {
        try await books.superuser.execute(
            """
            DO $$ BEGIN
                PERFORM set_config('session_replication_role', 'replica', true);
                TRUNCATE cause, sale, expectation, counted_refund, ledger_entry, ledger_line, outbox, aggregate_sequence
                    CASCADE;
            END $$
            """)
    }

    // MARK: Ours

    func consume(_ books: BooksForBenchmark) async throws -> Double {
        try await clear(books)
        let broker = try await PrivateBroker.start()
        try await publish(broker)
        let quiet = Logger(label: "books", factory: { _ in SwiftLogNoOpLogHandler() })
        let perSecond = try await withThrowingTaskGroup { tasks in
            for consumer in Array(repeating: books.assembly.consumers, count: members).joined() {
                let loop = ConsumerLoop(
                    consumer, database: books.database, kafka: broker.settings("books"), logger: quiet)
                tasks.addTask { try await loop.run() }
            }
            let measured = try await bookedPerSecond(books)
            tasks.cancelAll()
            return measured
        }
        await broker.stop()
        return perSecond
    }

    /// From the first that are booked to the last: how long the group takes to form says nothing about the ledger.
    private func bookedPerSecond(_ books: BooksForBenchmark) async throws -> Double {
        let begun = ContinuousClock.now
        let (first, start) = try await booked(atLeast: 1, books)
        let (last, end) = try await booked(atLeast: events, books)
        guard first < last else { return Double(last) / ((end - begun) / .seconds(1)) }
        return Double(last - first) / ((end - start) / .seconds(1))
    }

    /// How many are booked once there are so many, and when that was; looks seldom, since each look costs something.
    private func booked(
        atLeast wanted: Int, _ books: BooksForBenchmark
    ) async throws -> (count: Int, at: ContinuousClock.Instant) {
        let deadline = ContinuousClock.now + .seconds(600)
        while ContinuousClock.now < deadline {
            let found = try await count(books)
            if found >= wanted { return (found, .now) }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw ValidationError("not all payments were booked")
    }

    private func count(_ books: BooksForBenchmark) async throws -> Int {
        try await books.superuser.query("SELECT count(*) AS count FROM expectation") { row in
            try row("count") as Int
        }.first ?? 0
    }

    private func publish(_ broker: PrivateBroker) async throws {
        let quiet = Logger(label: "facts", factory: { _ in SwiftLogNoOpLogHandler() })
        let producer = try KafkaProducer(broker.settings("facts"), logger: quiet)
        let day = LocalDate(year: 2026, month: 11, day: 20) ?? .earliest
        for start in stride(from: 0, to: events, by: 1_000) {
            let records = try (start..<min(start + 1_000, events)).map { number in
                try Self.record(PaymentID(UInt128(number + 1)), number, day)
            }
            guard try await producer.send(records).areDelivered else { throw ValidationError("not delivered") }
        }
        await producer.close()
    }

    private static func record(_ payment: PaymentID, _ number: Int, _ day: LocalDate) throws -> KafkaRecord {
        let amount = Money.euros(cents: Int64(5_000 + number % 20_000))
        let event = PaymentAcceptedV1(
            paymentID: payment, invoiceID: nil, clientID: ClientID(7), amount: amount, provider: .alma,
            providerReference: "payment_\(number)", plan: .inInstalments(3), schedule: [],
            fee: .euros(cents: 180), feeVAT: .euros(cents: 36),
            acceptedAt: Instant(secondsSince1970: Int64(day.daysSince1970) * 86_400), expectedPayoutOn: day,
            disposition: .receivable)
        let envelope = EventEnvelope(
            id: IdentifierSource.system.make(), type: PaymentAcceptedV1.type, subject: payment.value,
            time: TimeSource.system.now(), sequence: 1, organisation: BooksForBenchmark.organisation, clinic: nil,
            correlation: CorrelationID(1))
        return KafkaRecord(
            topic: PaymentAcceptedV1.type.topic.rawValue, key: Array(envelope.key.utf8),
            value: try EventCoding.encode(event),
            headers: CloudEvent.headers(of: envelope).map { KafkaHeader($0.0, $0.1) })
    }

    // MARK: The ceiling

    /// The rows a payment leaves, in as few statements as there are tables, one transaction a batch.
    func write(_ books: BooksForBenchmark) async throws -> Double {
        try await clear(books)
        let start = ContinuousClock.now
        for first in stride(from: 0, to: events, by: Self.batch) {
            let last = min(first + Self.batch, events) - 1
            try await books.database.pool.transaction(
                .readWrite.setting("quittance.organisation", to: BooksForBenchmark.organisation.description)
            ) { transaction in
                for statement in Self.rows(first, last) { transaction.executeLater(statement) }
                return
            }
        }
        return Double(events) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private static func rows(_ first: Int, _ last: Int) -> [SQL] {
        let organisation = BooksForBenchmark.organisation
        let series: SQL = "generate_series(\(Int64(first)), \(Int64(last))) AS n"
        let id: SQL = "md5(n::text)::uuid"
        return [
            """
            INSERT INTO cause (scope, key, organisation, actor)
            SELECT 'message:reconciliation', md5(n::text), \(organisation), 'peer' FROM \(series)
            """,
            """
            INSERT INTO sale (payment, organisation, provider, plan, currency, amount, outcome, decided_on, fee, fee_vat)
            SELECT \(id), \(organisation), 'alma', '3x', 'EUR', 5000, 'accepted', '2026-11-20', 180, 36 FROM \(series)
            """,
            """
            INSERT INTO expectation (payment, organisation, client, provider, provider_reference, currency, amount, fee,
                fee_vat, is_held, accepted_on, expected_on)
            SELECT \(id), \(organisation), \(id), 'alma', 'payment_' || n, 'EUR', 5000, 180, 36, false, '2026-11-20',
                '2026-11-27' FROM \(series)
            """,
            """
            INSERT INTO ledger_entry (id, organisation, kind, subject, piece, happened_on, booked_on)
            SELECT md5(n || kind)::uuid, \(organisation), kind, \(id), 'payment_' || n, '2026-11-20', '2026-11-20'
            FROM \(series) CROSS JOIN unnest(ARRAY['payment', 'fee']) AS kind
            """,
            """
            INSERT INTO ledger_line (entry, organisation, position, account, currency, amount)
            SELECT md5(n || kind)::uuid, \(organisation), position, account, 'EUR', amount
            FROM \(series) CROSS JOIN (VALUES
                ('payment', 1, '511500', 5000), ('payment', 2, '411000', -5000), ('fee', 1, '627000', 180),
                ('fee', 2, '445660', 36), ('fee', 3, '511500', -216)) AS line (kind, position, account, amount)
            """,
            """
            INSERT INTO aggregate_sequence (topic, subject, last)
            SELECT 'quittance.reconciliation', \(id), 2 FROM \(series)
            """,
            """
            INSERT INTO outbox (shard, topic, key, value, headers, event_id, type, subject, sequence)
            SELECT (n % 8)::int, 'quittance.reconciliation', md5(n::text)::bytea, repeat('x', 300)::bytea,
                ARRAY[repeat('h', 500)], gen_random_uuid(), 'peer', \(id), sequence
            FROM \(series) CROSS JOIN generate_series(1, 2) AS sequence
            """,
        ]
    }
}
