import EventContract
import PaymentModel
import PostgresClient

/// One finished record on its way into the outbox; its sequence is given when it is inserted.
struct OutboxRow: Sendable {
    let eventID: UInt128
    let type: String
    let subject: UInt128
    let topic: String
    let key: [UInt8]
    let value: [UInt8]
    /// Name, value, name, value …, without the sequence.
    let headers: [String]

    var shard: Int { Outbox.shard(of: key) }
}

extension OutboxRow {
    init(_ envelope: EventEnvelope, _ payload: any EventPayload) throws {
        self.init(
            eventID: envelope.id.value, type: envelope.type.text, subject: envelope.subject,
            topic: envelope.type.topic.rawValue, key: Array(envelope.key.utf8), value: try EventCoding.encode(payload),
            headers: CloudEvent.headers(of: envelope).filter { $0.0 != Outbox.sequenceHeader }.flatMap { [$0.0, $0.1] })
    }
}

/// The table between a change and the relay.
enum Outbox {
    /// How many shards the keys are spread over; rows keep the shard they were written with.
    static let shards = 8
    static let sequenceHeader = CloudEventHeader.sequence.rawValue
    /// Between the parts of a row's headers on their way into SQL; a control character no header holds.
    static let separator = "\u{1F}"

    /// FNV-1a: the same in every process and version, unlike Swift's own hash.
    static func shard(of key: [UInt8]) -> Int {
        let hash = key.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return Int(hash % UInt64(shards))
    }

    /// Inserts the rows of a transaction, last of all its statements.
    ///
    /// The row of `aggregate_sequence` is locked until the commit and before the position is drawn: so, for one
    /// subject, sequence and position rise in the order of the commits. Subjects are locked in sorted order, so that
    /// two transactions about the same two cannot wait for each other.
    static func insert(_ rows: [OutboxRow]) -> SQL {
        """
        WITH incoming AS (
            SELECT *, row_number() OVER (PARTITION BY topic, subject ORDER BY ordinal) AS rank,
                count(*) OVER (PARTITION BY topic, subject) AS total
            FROM unnest(
                \(rows.map(\.eventID))::uuid[], \(rows.map(\.topic))::text[], \(rows.map(\.subject))::uuid[],
                \(rows.map(\.key))::bytea[], \(rows.map(\.value))::bytea[],
                \(rows.map { $0.headers.joined(separator: separator) })::text[], \(rows.map(\.type))::text[],
                \(rows.map { Int32($0.shard) })::integer[]
            ) WITH ORDINALITY AS given(event_id, topic, subject, key, value, headers, type, shard, ordinal)
        ), counted AS (
            INSERT INTO aggregate_sequence AS known (topic, subject, last)
            SELECT topic, subject, count(*) FROM incoming GROUP BY topic, subject ORDER BY topic, subject
            ON CONFLICT (topic, subject) DO UPDATE SET last = known.last + excluded.last
            RETURNING topic, subject, last
        )
        INSERT INTO outbox (shard, topic, key, value, headers, event_id, type, subject, sequence)
        SELECT shard, incoming.topic, key, value,
            string_to_array(headers, chr(31)) || ARRAY['ce_sequence', (last - total + rank)::text],
            event_id, type, incoming.subject, last - total + rank
        FROM incoming JOIN counted USING (topic, subject)
        ORDER BY ordinal
        """
    }

    /// The same for one row, as most transactions have it: for that the statement above does too much.
    static func insert(_ row: OutboxRow) -> SQL {
        """
        WITH counted AS (
            INSERT INTO aggregate_sequence AS known (topic, subject, last) VALUES (\(row.topic), \(row.subject), 1)
            ON CONFLICT (topic, subject) DO UPDATE SET last = known.last + 1
            RETURNING last
        )
        INSERT INTO outbox (shard, topic, key, value, headers, event_id, type, subject, sequence)
        SELECT \(Int32(row.shard)), \(row.topic), \(row.key), \(row.value),
            \(row.headers)::text[] || ARRAY['ce_sequence', last::text], \(row.eventID), \(row.type), \(row.subject), last
        FROM counted
        """
    }

    /// Inserts a record that is no fact of ours and has no sequence: a dead letter.
    static func insertRaw(_ row: OutboxRow) -> SQL {
        """
        INSERT INTO outbox (shard, topic, key, value, headers, event_id, type, subject, sequence)
        VALUES (\(Int32(row.shard)), \(row.topic), \(row.key), \(row.value), \(row.headers), \(row.eventID),
            \(row.type), \(row.subject), 0)
        """
    }
}

/// Some of the outbox's shards.
struct ShardSet: OptionSet, Sendable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(_ shards: some Sequence<Int>) {
        rawValue = shards.reduce(0) { $0 | 1 << UInt64($1) }
    }

    static let all = ShardSet(0..<Outbox.shards)

    var numbers: [Int] { (0..<Outbox.shards).filter { rawValue & 1 << UInt64($0) != 0 } }
}
