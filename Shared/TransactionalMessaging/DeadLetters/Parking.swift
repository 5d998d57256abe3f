import EventContract
import KafkaClient
import Observability
import PaymentModel
import PostgresClient

/// A message on its way to the dead letters.
struct ParkedMessage: Sendable {
    let record: KafkaConsumedRecord
    let consumer: Consumer
    let state: DeadLetter.State
    let reason: String
    let causes: [String]
    let tries: Int

    private static let textMax = 2_000
    /// Larger values are kept in the table and left out of the announcement.
    private static let announcedBytesMax = 256 * 1024

    init(
        _ record: KafkaConsumedRecord, of consumer: Consumer, because error: any Error, tries: Int,
        state: DeadLetter.State = .parked
    ) {
        self.record = record
        self.consumer = consumer
        self.state = state
        self.tries = tries
        reason = Self.text("\(error)")
        causes = Self.causes(of: error)
    }

    /// The error's type and, where the database refused, its code and the names of what refused; never a value.
    static func causes(of error: any Error) -> [String] {
        var causes = [String(reflecting: Swift.type(of: error))]
        if let error = error as? PostgresError {
            let names = [
                ("SQLSTATE", error.sqlState?.rawValue), ("constraint", error.constraint),
                ("table", error.table), ("column", error.column),
            ]
            causes += names.compactMap { kind, name in name.map { "\(kind) \($0)" } }
        }
        return causes.map(text)
    }

    /// Connection strings and keys do not belong into a table that people read.
    private static func text(_ text: String) -> String {
        String(Secret.redacting(text).filter { $0 != "\0" }.prefix(textMax))
    }

    /// The inbox knows it by this: its event id or, when that cannot be read, its place and content.
    var inboxKey: SQL {
        if let id = record.eventID { return "\(id.description)" }
        let place = "\(record.topicPartition)@\(record.offset):"
        return "\(place) || encode(sha256(\(record.value ?? [])), 'hex')"
    }

    /// Writes the letter and announces it, unless somebody has settled the message; answers whether it was written.
    func write(as id: DeadLetterID, in change: inout Outgoing, _ transaction: inout PostgresTransaction) throws {
        try transaction.execute(
            """
            INSERT INTO dead_letter (id, consumer, event_id, type, organisation, topic, partition, "offset", key,
                value, headers, reason, causes, state, tries)
            VALUES (\(id), \(consumer.group), \(record.eventID), \(record.header(.type)), \(organisation),
                \(record.topic), \(record.partition), \(record.offset), \(record.key), \(record.value),
                \(record.headerTexts), \(reason), \(causes), \(state), \(Int32(clamping: tries)))
            """)
        change.raw.append(announcement(of: id))
    }

    private var organisation: OrganisationID? { record.header(.organisation).flatMap(OrganisationID.init) }

    private func announcement(of id: DeadLetterID) -> OutboxRow {
        let value = record.value ?? []
        let why: [(String, String)] = [
            ("dead_letter_id", id.description), ("dead_letter_consumer", consumer.group),
            ("dead_letter_state", state.rawValue), ("dead_letter_reason", reason),
            ("dead_letter_topic", record.topic), ("dead_letter_partition", "\(record.partition)"),
            ("dead_letter_offset", "\(record.offset)"), ("dead_letter_tries", "\(tries)"),
        ]
        return OutboxRow(
            eventID: id.value, type: "dead-letter", subject: id.value, topic: consumer.deadLetterTopic,
            key: record.key ?? Array(id.description.utf8), value: value.count > Self.announcedBytesMax ? [] : value,
            headers: announcedHeaders + why.flatMap { [$0.0, $0.1] })
    }

    /// A foreign record's headers can be larger than the broker takes again; the table has them all.
    private var announcedHeaders: [String] {
        let texts = record.headerTexts
        return texts.reduce(0) { $0 + $1.utf8.count } > Self.announcedBytesMax ? [] : texts
    }
}

/// Letters that are still open, and the keys they hold.
enum OpenLetters {
    /// One at a time per key: parking behind a letter and retrying it must not miss each other.
    static func lock(_ key: [UInt8], of consumer: Consumer) -> SQL {
        "SELECT pg_advisory_xact_lock(hashtext(\(consumer.group)), hashtext(encode(\(key), 'hex')))"
    }

    /// The same for the key of a letter.
    static func lockKey(of id: DeadLetterID, in transaction: inout PostgresTransaction) throws {
        try transaction.execute(
            """
            SELECT pg_advisory_xact_lock(hashtext(consumer), hashtext(encode(coalesce(key, ''), 'hex')))
            FROM dead_letter WHERE id = \(id)
            """)
    }

    /// True when a letter of one of these keys is open.
    static func exist(
        forAnyOf keys: [[UInt8]], of consumer: Consumer, in transaction: inout PostgresTransaction
    ) throws -> Bool {
        try transaction.one(
            """
            SELECT EXISTS (
                SELECT FROM dead_letter
                WHERE consumer = \(consumer.group) AND state IN ('parked', 'held')
                    AND sha256(key) IN (SELECT sha256(wanted) FROM unnest(\(keys)::bytea[]) AS wanted)
            ) AS there
            """
        ) { row in try row("there") }
    }
}
