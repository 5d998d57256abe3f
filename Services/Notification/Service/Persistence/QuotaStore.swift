import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What somebody booked.
struct QuotaEntry: Sendable {
    let id: QuotaEntryID
    let parts: Int
    let note: String
    let bookedBy: String
    let bookedAt: Instant
}

/// What messages whose end is known took from a quota, together.
struct CountedMessages: Sendable {
    let messages: Int
    let billed: Int
    let held: HeldParts
}

/// The quota of an organisation: one row, locked by whoever changes it (NOT-8).
struct QuotaStore {
    /// Nil where nobody ever booked anything: the organisation is not limited.
    func find(_ organisation: OrganisationID, in transaction: inout PostgresTransaction) throws -> Quota? {
        try transaction.first("SELECT \(Self.columns) FROM quota WHERE organisation = \(organisation)", read)
    }

    /// The same, locked until the change ends.
    func lock(in change: inout Change) throws -> Quota? {
        try change.first(
            "SELECT \(Self.columns) FROM quota WHERE organisation = \(change.cause.organisation) FOR UPDATE", read)
    }

    /// The first entry limits an organisation.
    func open(in change: inout Change) {
        change.executeLater(
            "INSERT INTO quota (organisation) VALUES (\(change.cause.organisation)) ON CONFLICT DO NOTHING")
    }

    func save(_ quota: Quota, in change: inout Change) {
        change.executeLater(
            """
            UPDATE quota SET booked = \(quota.booked), reserved = \(quota.reserved), used = \(quota.used),
                beyond = \(quota.beyond), is_low = \(quota.isLow)
            WHERE organisation = \(change.cause.organisation)
            """)
    }

    /// Takes what was promised to a message that is claimed, as `Quota.take` does; nothing where nothing was.
    ///
    /// In one statement that travels with the commit, since who else of the organisation claims waits for that: what
    /// is left stays what it was, so there is nothing to decide, nor to tell.
    func take(_ promised: Int, in change: inout Change) {
        guard promised > 0 else { return }
        waitBriefly(in: &change)
        change.executeLater(
            """
            UPDATE quota SET reserved = reserved - least(\(promised), reserved),
                used = used + least(\(promised), reserved)
            WHERE organisation = \(change.cause.organisation)
            """)
    }

    /// From here on the change is refused the row where it waits long for one who holds it.
    ///
    /// Who does has done in a moment, or stands still: the messages of others get on then. A long line that moves is no
    /// such wait: each commit begins it anew.
    func waitBriefly(in change: inout Change) { change.executeLater("SET LOCAL lock_timeout = '1s'") }

    func add(_ entry: QuotaEntry, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO quota_entry (id, organisation, parts, note, booked_by, booked_at)
            VALUES (\(entry.id), \(change.cause.organisation), \(entry.parts), \(entry.note), \(entry.bookedBy),
                \(entry.bookedAt))
            """)
    }

    /// The newest first.
    func entries(
        of organisation: OrganisationID, before id: QuotaEntryID, rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [QuotaEntry] {
        try transaction.query(
            """
            SELECT id, parts, note, booked_by, booked_at FROM quota_entry
            WHERE organisation = \(organisation) AND id < \(id) ORDER BY id DESC LIMIT \(Int64(rows))
            """
        ) { row in
            QuotaEntry(
                id: try row("id"), parts: try row("parts"), note: try row("note"), bookedBy: try row("booked_by"),
                bookedAt: try row("booked_at"))
        }
    }

    /// Organisations some of whose messages have come to an end the quota does not know.
    func toCount(_ transaction: inout PostgresTransaction) throws -> [OrganisationID] {
        try transaction.query("SELECT DISTINCT organisation FROM message WHERE \(Self.isToCount)") { row in
            try row("organisation")
        }
    }

    /// Marks messages that have come to an end as counted, each once, and says what they took.
    ///
    /// They are chosen once, as an array: a plan that joined the choice could make it anew and take more than `limit`.
    func count(_ limit: Int, in change: inout Change) throws -> CountedMessages {
        let ended = try change.query(
            """
            UPDATE message SET is_counted = true,
                parts = CASE WHEN state IN ('failed', 'called-off') THEN parts ELSE coalesce(parts, planned_parts) END
            WHERE id = ANY(ARRAY(
                SELECT id FROM message WHERE organisation = \(change.cause.organisation) AND \(Self.isToCount)
                ORDER BY id LIMIT \(Int64(limit)) FOR UPDATE SKIP LOCKED))
            RETURNING state, parts, planned_parts, reserved_parts, taken_parts
            """
        ) { row in
            let (parts, planned): (Int32?, Int32) = (try row("parts"), try row("planned_parts"))
            let state: Message.State = try row.word("state")
            let billed = state.billed(asGatewaySays: parts.map { Int($0) }, planned: Int(planned), isOver: true)
            return (billed: billed ?? 0, held: try HeldParts(row))
        }
        return CountedMessages(
            messages: ended.count, billed: ended.reduce(0) { $0 + $1.billed },
            held: ended.reduce(into: HeldParts()) { $0 += $1.held })
    }

    /// What may have left was counted as billed, and is found not to have left: with its end it is counted anew.
    ///
    /// What its quota has in use for it is what it has taken; nothing where a gateway said that it took it.
    func uncount(_ id: MessageID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE message SET is_counted = false, parts = NULL, reserved_parts = 0, taken_parts = parts
            WHERE id = \(id) AND state = 'uncertain' AND is_counted AND channel = 'sms' AND gateway IS NULL
                AND parts IS NOT NULL
            """)
    }

    /// All there are, for those who watch.
    func all(_ transaction: inout PostgresTransaction) throws -> [(organisation: OrganisationID, quota: Quota)] {
        try transaction.query("SELECT organisation, \(Self.columns) FROM quota") { row in
            (organisation: try row("organisation"), quota: try read(row))
        }
    }

    /// One that may have left is over when nobody will send it again.
    private static let isToCount: SQL = """
        NOT is_counted AND state IN ('sent', 'delivered', 'failed', 'called-off', 'uncertain')
            AND (state <> 'uncertain' OR expires_at <= now())
        """

    private static let columns: SQL = "booked, reserved, used, beyond, is_low"

    private func read(_ row: Row) throws -> Quota {
        Quota(
            booked: try row("booked"), reserved: try row("reserved"), used: try row("used"), beyond: try row("beyond"),
            isLow: try row("is_low"))
    }
}

extension HeldParts {
    /// Those a message's row says it has.
    init(_ row: Row) throws {
        let (promised, taken): (Int32, Int32) = (try row("reserved_parts"), try row("taken_parts"))
        self.init(promised: Int(promised), taken: Int(taken))
    }
}
