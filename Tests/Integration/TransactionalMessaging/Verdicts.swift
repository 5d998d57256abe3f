import EventContract
import KafkaClient
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// What must hold after everything that can happen.
extension MessagingFixture {
    /// Every event is in its topic, the first arrivals of each key in order and without gaps, and nothing waits.
    func expectPublished(location: SourceLocation = #_sourceLocation) async throws {
        try await eventually("the outbox is emptied") { try await count("outbox") == 0 }
        let written = try await count("written")
        try await expectInOrder(topic: Topic.invoicing.rawValue, count: written, location: location)
    }

    /// The topic holds the first `count` events of all keys, each key's in order.
    func expectInOrder(topic: String, count: Int, location: SourceLocation = #_sourceLocation) async throws {
        var arrivals = Arrivals()
        try await reading(topic) { records in
            for record in records { try arrivals.note(record) }
            return arrivals.distinct >= count
        }
        #expect(arrivals.distinct == count, "each is there", sourceLocation: location)
        #expect(arrivals.outOfOrder == [], "in order per key", sourceLocation: location)
    }

    /// Every event had its effect once, each key's in order.
    func expectEffects(location: SourceLocation = #_sourceLocation) async throws {
        do {
            try await eventually("every event has its effect") {
                try await count("(SELECT DISTINCT subject, number FROM effect) AS seen") == count("written")
            }
        } catch {
            Issue.record("\(try await whereItStands())", sourceLocation: location)
            throw error
        }
        #expect(try await count("effect") == count("written"), "once", sourceLocation: location)
        let outOfOrder = try await count(
            """
            (SELECT number, lag(number) OVER (PARTITION BY subject ORDER BY id) AS before FROM effect) AS pair
            WHERE number <= before
            """)
        #expect(outOfOrder == 0, "in order per key", sourceLocation: location)
        // What the handlers announced is an effect like any other.
        let answered = try await count(
            """
            (SELECT event_id FROM outbox WHERE type = 'org.quittance.payments.probe-answered.v1'
            UNION ALL SELECT event_id FROM outbox_journal WHERE type = 'org.quittance.payments.probe-answered.v1')
            AS answer
            """)
        #expect(answered == (try await count("effect")), "announced once", sourceLocation: location)
    }

    /// What helps to find out why something is missing.
    private func whereItStands() async throws -> String {
        let effects = try await count("effect")
        let known = try await count("cause WHERE scope = 'message:probe'")
        let outbox = try await count("outbox")
        let letters = try await count("dead_letter")
        let missing = try await database.pool.query(
            """
            SELECT right(subject::text, 2) || ': ' || min(number) || '-' || max(number) || ' of '
                || (SELECT max(number) FROM thing WHERE thing.subject = lost.subject) || ' (' || count(*) || ')' AS line
            FROM (SELECT subject, number FROM written EXCEPT SELECT subject, number FROM effect) AS lost
            GROUP BY subject ORDER BY subject
            """
        ) { row in try row("line") as String }
        return "effects \(effects), known \(known), outbox \(outbox), letters \(letters), missing \(missing)"
    }

    /// Reads a topic from its beginning until the body has seen enough or nothing comes any more.
    func reading(_ topic: String, until isEnough: ([KafkaConsumedRecord]) throws -> Bool) async throws {
        let reader = try KafkaConsumer(
            kafka, group: "reader-\(UInt64.random(in: .min ... .max))", topics: [topic], logger: logger)
        let end = ContinuousClock.now + .seconds(30)
        do {
            while ContinuousClock.now < end {
                if try isEnough(try await reader.nextBatch(max: 1_000, wait: .milliseconds(200))) { break }
            }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
    }
}

/// First arrivals of the events of each key.
struct Arrivals {
    private var last: [UInt128: Int64] = [:]
    private(set) var distinct = 0
    private(set) var outOfOrder: [String] = []

    mutating func note(_ record: KafkaConsumedRecord) throws {
        let event = try CloudEvent.read(headers: record.headers.map { (name: $0.name, value: $0.value) })
        let before = last[event.subject] ?? 0
        // An event that was there before comes again after a crash; only a first arrival can be out of order.
        guard event.sequence > before else { return }
        if event.sequence != before + 1 { outOfOrder.append("\(event.key): \(event.sequence) after \(before)") }
        last[event.subject] = event.sequence
        distinct += 1
    }
}
