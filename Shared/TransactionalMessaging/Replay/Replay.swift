package import KafkaClient
package import Logging
import Observability
import PostgresClient

/// Publishes again what the journal keeps.
///
/// `copy` serves one new subscriber in a topic of its own. `rebuild` is the plan for the day the broker is lost with
/// all its topics and offsets: everything goes out again where it went before, in the order per key, and consumers
/// that know an event already do nothing.
package struct Replay: Sendable {
    private static let pageRows = 1_000

    private let database: Database
    private let kafka: KafkaSettings
    private let logger: Logger

    /// A replay of the service's own events.
    package init(_ database: Database, kafka: KafkaSettings, logger: Logger) {
        self.database = database
        self.kafka = kafka
        self.logger = logger
    }

    // MARK: Into a topic of its own

    /// Publishes the events of one moment's picture into `topic`, in their order; answers how many.
    ///
    /// What is committed later is not part of it.
    package func copy(_ selection: ReplaySelection, into topic: String) async throws -> Int {
        let session = try await database.pool.session()
        let producer = try KafkaProducer(kafka, logger: logger)
        do {
            let count = try await copy(selection, into: topic, session, producer)
            await producer.close()
            await session.close()
            return count
        } catch {
            await producer.close(timeout: .zero)
            await session.close(within: .zero)
            throw error
        }
    }

    private func copy(
        _ selection: ReplaySelection, into topic: String, _ session: PostgresSession, _ producer: KafkaProducer
    ) async throws -> Int {
        try await session.transaction(.replaying) { transaction in try Self.pick(selection, in: &transaction) }
        var count = 0
        var last: Int64 = -1
        while true {
            let after = last
            let page = try await session.transaction(.replaying) { transaction in
                try Self.page(after: after, in: &transaction)
            }
            guard let end = page.last?.position else { return count }
            let records = page.map { item in
                var record = item.record
                record.topic = topic
                return record
            }
            for delivery in try await producer.send(records) {
                if case .failed(let error) = delivery { throw error }
            }
            count += page.count
            last = end
        }
    }

    /// Notes the positions of one snapshot: reading on behind a last position would skip what is committed late.
    private static func pick(_ selection: ReplaySelection, in transaction: inout PostgresTransaction) throws {
        try transaction.pipeline([
            "CREATE TEMPORARY TABLE replay (position bigint PRIMARY KEY)",
            """
            INSERT INTO replay
            SELECT position FROM outbox_journal WHERE \(selection.condition)
            UNION ALL SELECT position FROM outbox WHERE \(selection.condition)
            """,
        ])
    }

    private static func page(
        after last: Int64, in transaction: inout PostgresTransaction
    ) throws -> [OutboxBatch.Item] {
        let range: (Int64?, Int64?) = try transaction.one(
            """
            SELECT min(position) AS first, max(position) AS last FROM (
                SELECT position FROM replay WHERE position > \(last) ORDER BY position LIMIT \(Self.pageRows)
            ) AS page
            """
        ) { row in (try row("first"), try row("last")) }
        guard let first = range.0, let end = range.1 else { return [] }
        return try transaction.query(
            """
            SELECT shard, position, topic, key, value, array_to_string(headers, chr(31)) AS headers FROM (
                SELECT shard, position, topic, key, value, headers FROM outbox_journal
                WHERE position BETWEEN \(first) AND \(end)
                UNION ALL SELECT shard, position, topic, key, value, headers FROM outbox
                WHERE position BETWEEN \(first) AND \(end)
            ) AS kept JOIN replay USING (position) ORDER BY position
            """, OutboxBatch.item)
    }

    // MARK: Everything, where it went before

    /// Puts the whole journal back into the outbox, from where the relays publish it; answers how many events.
    ///
    /// Rows keep their positions, so the relays send them before what was written later. It waits until it leads every
    /// shard itself: a relay with a batch in flight would let that one out before the older ones.
    package func rebuild() async throws -> Int {
        let session = try await database.pool.session()
        do {
            for shard in 0..<Outbox.shards {
                try await session.transaction(.locking) { transaction in
                    _ = try transaction.execute(ShardLocks.await(shard))
                }
            }
            let count = try await session.transaction(.replaying) { transaction in
                try transaction.execute(Self.putBack)
            }
            await session.close()
            database.bell.announce(Delivered(shards: .all, actions: []))
            logger.notice("the journal is being published again", metadata: [LogField.count: "\(count)"])
            return count
        } catch {
            await session.close(within: .zero)
            throw error
        }
    }

    private static let putBack: SQL = """
        WITH kept AS (DELETE FROM outbox_journal RETURNING *)
        INSERT INTO outbox (position, shard, topic, key, value, headers, event_id, type, subject, sequence, recorded_at)
        SELECT position, shard, topic, key, value, headers, event_id, type, subject, sequence, recorded_at FROM kept
        """
}

extension TransactionOptions {
    /// A journal of years takes its time.
    fileprivate static var replaying: TransactionOptions {
        var options = TransactionOptions.readWrite.seeing(nil)
        options.statementTimeout = .seconds(4 * 3600)
        return options
    }

    /// Relays hand over within seconds.
    fileprivate static var locking: TransactionOptions {
        var options = TransactionOptions.readWrite
        options.statementTimeout = .seconds(60)
        return options
    }
}
