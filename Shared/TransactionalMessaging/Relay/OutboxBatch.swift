package import KafkaClient
import PostgresClient

/// Rows on their way to the broker, per shard in the order of their positions.
package struct OutboxBatch: Sendable {
    /// One row and the record it becomes.
    package struct Item: Sendable {
        let shard: Int32
        /// Its place in the outbox.
        package let position: Int64
        /// What is sent.
        package let record: KafkaRecord

        /// Makes a row, for the relay and for tests of what decides about rows.
        package init(shard: Int32, position: Int64, record: KafkaRecord) {
            self.shard = shard
            self.position = position
            self.record = record
        }
    }

    var items: [Item]
    let claimedAt: ContinuousClock.Instant

    /// Makes a batch of what was read at that time.
    package init(items: [Item], claimedAt: ContinuousClock.Instant) {
        self.items = items
        self.claimedAt = claimedAt
    }

    var isEmpty: Bool { items.isEmpty }

    /// Leaves out the rows of these keys.
    mutating func drop(_ keys: Set<KafkaRecordKey>) {
        guard !keys.isEmpty else { return }
        items.removeAll { keys.contains($0.record.place) }
    }

    /// Leaves out all but the first row of each of these keys.
    mutating func keepHeads(of keys: Set<KafkaRecordKey>) {
        guard !keys.isEmpty else { return }
        var seen: Set<KafkaRecordKey> = []
        items.removeAll { keys.contains($0.record.place) && !seen.insert($0.record.place).inserted }
    }
}

extension OutboxBatch {
    /// The oldest rows of each shard, without those in flight and those of keys that wait.
    ///
    /// It always looks from the beginning, never behind a position it has seen: a row may be committed after rows with
    /// higher positions (C-16).
    static func heads(
        of shards: ShardSet, limit: Int, inFlight: [Int64], waiting: Set<KafkaRecordKey>
    ) -> SQL {
        let waiting = Array(waiting)
        return """
            SELECT head.shard, head.position, head.topic, head.key, head.value,
                array_to_string(head.headers, chr(31)) AS headers
            FROM unnest(\(shards.numbers.map(Int32.init))::integer[]) AS held (shard)
            CROSS JOIN LATERAL (
                SELECT * FROM outbox
                WHERE outbox.shard = held.shard AND outbox.position <> ALL(\(inFlight)::bigint[])
                    AND (outbox.topic, outbox.key) NOT IN (
                        SELECT waiting.topic, waiting.key
                        FROM unnest(\(waiting.map(\.topic))::text[], \(waiting.map(\.key))::bytea[])
                            AS waiting (topic, key)
                    )
                ORDER BY outbox.position LIMIT \(limit)
            ) AS head
            """
    }

    static func item(_ row: Row) throws(PostgresError) -> Item {
        let headers: [UInt8] = try row("headers")
        return Item(
            shard: try row("shard"), position: try row("position"),
            record: KafkaRecord(
                topic: try row("topic"), key: try row("key"), value: try row("value"),
                headers: Self.headers(headers)))
    }

    private static func headers(_ joined: [UInt8]) -> [KafkaHeader] {
        let parts = joined.split(separator: 0x1F, omittingEmptySubsequences: false)
        return stride(from: 0, to: parts.count - 1, by: 2).map { index in
            KafkaHeader(String(decoding: parts[index], as: UTF8.self), Array(parts[index + 1]))
        }
    }

    /// Moves acknowledged rows from the outbox to the journal; answers with how many rows that is.
    static func settle(_ items: [Item]) -> SQL {
        """
        WITH published AS (
            DELETE FROM outbox USING unnest(
                \(items.map(\.shard))::integer[], \(items.map(\.position))::bigint[]
            ) AS done (shard, position)
            WHERE outbox.shard = done.shard AND outbox.position = done.position
            RETURNING outbox.*
        )
        INSERT INTO outbox_journal
            (position, shard, topic, key, value, headers, event_id, type, subject, sequence, recorded_at)
        SELECT position, shard, topic, key, value, headers, event_id, type, subject, sequence, recorded_at
        FROM published
        """
    }
}
