import NotificationDomain
package import PaymentModel
package import PostgresClient
import TransactionalMessaging

/// A reminder with whom and what it is for.
struct ReminderRecord: Sendable {
    var reminder: Reminder
    let organisation: OrganisationID
    let clinic: ClinicID?
    let client: ClientID
    let payment: PaymentID
    let occasion: Occasion
    let dedupKey: String
    let facts: String
    /// At the beginning of this day it would come too late.
    var lateOn: LocalDate
    var reason: String?
    var version: Int64
    /// Who of the directory gets it besides the client.
    var contacts: [ContactID] = []
}

/// A reminder whose time has come.
struct DueReminder: Sendable {
    var record: ReminderRecord
    let dueAt: Instant
    /// From then on it would come too late.
    let lateAt: Instant
}

/// A reminder with the instant it stands for.
struct ShownReminder: Sendable {
    let record: ReminderRecord
    let moment: WallMoment
    /// Until when the link of its payment can be used; nil where that was not told.
    let linkEndsAt: Instant?
}

/// One of the same payment is planned for the same moment, or was.
struct ReminderPlannedAlready: Error {
    let id: MessageID
}

/// Which reminders are asked for; nil is any.
struct ReminderFilter: Sendable {
    /// The clinics the caller acts for.
    let clinics: [ClinicID]?
    let payment: PaymentID?
    let state: Reminder.State?
}

/// What is planned.
package struct ReminderStore: Sendable {
    /// Keeps nothing itself.
    package init() {}

    /// Plans it; one that a changed schedule called off is planned again, any other stays as it is: what a person
    /// called off does not come back.
    func plan(_ record: ReminderRecord, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO reminder (id, organisation, clinic, client, payment, occasion, dedup_key, facts, state,
                local_day, local_minutes, late_on, contacts, planned_by)
            VALUES (\(record.reminder.id), \(change.cause.organisation), \(record.clinic), \(record.client),
                \(record.payment), \(record.occasion.rawValue), \(record.dedupKey), \(record.facts),
                \(record.reminder.state.rawValue), \(record.reminder.day), \(Int32(record.reminder.time.minutes)),
                \(record.lateOn), \(record.contacts), \(change.cause.actor))
            ON CONFLICT ON CONSTRAINT reminder_once DO UPDATE
                SET state = 'planned', reason = NULL, local_day = EXCLUDED.local_day,
                    local_minutes = EXCLUDED.local_minutes, late_on = EXCLUDED.late_on,
                    version = reminder.version + 1
                WHERE reminder.state = 'called-off' AND reminder.reason = \(CallOffReason.scheduleChanged.note)
            """)
    }

    func lock(_ id: MessageID, in change: inout Change) throws -> ReminderRecord? {
        try change.first("SELECT \(Self.columns) FROM reminder WHERE id = \(id) FOR UPDATE", read)
    }

    func find(_ id: MessageID, _ transaction: inout PostgresTransaction) throws -> ShownReminder? {
        try transaction.first(shown(where: "reminder.id = \(id)", rows: 1), readShown)
    }

    /// The newest first.
    func list(
        of organisation: OrganisationID, _ wanted: ReminderFilter, before id: MessageID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [ShownReminder] {
        let isOfPayment: SQL = wanted.payment.map { "reminder.payment = \($0)" } ?? "true"
        // Written out, so that the index of those that are planned is seen to fit.
        let isThere: SQL = wanted.state.map { "reminder.state = '\(unescaped: $0.rawValue)'" } ?? "true"
        let condition: SQL = """
            reminder.organisation = \(organisation) AND reminder.id < \(id)
                AND (\(wanted.clinics)::uuid[] IS NULL OR reminder.clinic = ANY(\(wanted.clinics)))
                AND \(isOfPayment) AND \(isThere)
            """
        return try transaction.query(shown(where: condition, rows: rows), readShown)
    }

    private func shown(where condition: SQL, rows: Int) -> SQL {
        """
        SELECT \(Self.columns), due_at, time_zone, (
            SELECT expires_at FROM asked_payment
            WHERE asked_payment.organisation = told.organisation AND asked_payment.payment = told.payment
        ) AS link_ends_at FROM (
            SELECT reminder.*, \(Self.instant) AS due_at, \(ClinicStore.zone) AS time_zone
            FROM \(Self.atClinics)
            WHERE \(condition) ORDER BY reminder.id DESC LIMIT \(Int64(rows))) AS told
        ORDER BY id DESC
        """
    }

    private func readShown(_ row: Row) throws -> ShownReminder {
        ShownReminder(
            record: try read(row), moment: WallMoment(dueAt: try row("due_at"), timeZone: try row("time_zone")),
            linkEndsAt: try row("link_ends_at"))
    }

    func lockingPlanned(about payment: PaymentID, _ occasion: Occasion) -> Query<[ReminderRecord]> {
        .all(
            """
            SELECT \(Self.columns) FROM reminder
            WHERE payment = \(payment) AND occasion = \(occasion.rawValue) AND state = 'planned' ORDER BY id FOR UPDATE
            """, read)
    }

    /// Whether it may be planned for its moment; its payment must be locked, so that no two come at once.
    ///
    /// Whoever else is named, the client gets each of them. One that has left counts too: "now" may be planned again
    /// for two minutes.
    func requireAlone(_ record: ReminderRecord, in change: inout Change) throws {
        let (reminder, occasion) = (record.reminder, Occasion.paymentReminder.rawValue)
        guard record.occasion == .paymentReminder else { return }
        let other = try change.first(
            """
            SELECT id FROM reminder
            WHERE payment = \(record.payment) AND occasion = \(occasion) AND state <> 'called-off'
                AND local_day = \(reminder.day) AND local_minutes = \(Int32(reminder.time.minutes))
                AND id <> \(reminder.id)
            ORDER BY id LIMIT 1
            """
        ) { row in try row("id") as MessageID }
        if let other { throw ReminderPlannedAlready(id: other) }
    }

    func save(_ record: ReminderRecord, in change: inout Change) throws {
        let reminder = record.reminder
        change.executeLater(
            """
            UPDATE reminder SET state = \(reminder.state.rawValue), local_day = \(reminder.day),
                local_minutes = \(Int32(reminder.time.minutes)), late_on = \(record.lateOn), reason = \(record.reason),
                contacts = \(record.contacts), version = version + 1
            WHERE id = \(reminder.id)
            """)
    }

    /// Planned for now or earlier on their clinic's wall, the longest due first.
    ///
    /// The database turns wall clocks into instants, on the days the clocks change too: a time that does not exist is
    /// taken an hour later, one that exists twice the second time.
    package func due(
        at now: Instant, _ limit: Int, _ transaction: inout PostgresTransaction
    ) throws -> [WaitingMessage] {
        joinClinicsOnce(&transaction)
        return try transaction.query(
            """
            SELECT id, organisation FROM (
                SELECT reminder.id, reminder.organisation, \(Self.instant) AS due_at
                FROM \(Self.atClinics)
                WHERE state = 'planned' AND (local_day, local_minutes) <= \(ClinicStore.latestWall(at: now))) AS planned
            WHERE due_at <= \(now) ORDER BY due_at LIMIT \(Int64(limit))
            """
        ) { row in WaitingMessage(id: try row("id"), organisation: try row("organisation")) }
    }

    /// How many were due at a moment and are planned still.
    func countDue(at moment: Instant, _ transaction: inout PostgresTransaction) throws -> Int {
        joinClinicsOnce(&transaction)
        return try transaction.one(
            """
            SELECT count(*) AS reminders FROM \(Self.atClinics)
            WHERE state = 'planned' AND (local_day, local_minutes) <= \(ClinicStore.latestWall(at: moment))
                AND \(Self.instant) <= \(moment)
            """
        ) { row in try row("reminders") }
    }

    /// What the fence lets through is thought to be next to nothing: all clinics would be gone through for each
    /// reminder of a morning.
    private func joinClinicsOnce(_ transaction: inout PostgresTransaction) {
        transaction.executeLater("SET LOCAL enable_material = off")
    }

    /// Whose they are.
    func clients(of ids: [MessageID], in change: inout Change) throws -> [ClientID] {
        try change.query("SELECT DISTINCT client FROM reminder WHERE id = ANY(\(ids))") { row in try row("client") }
    }

    /// Calls off what is planned for a client, and names nobody there who would have got it too.
    func forget(_ client: ClientID, because reason: CallOffReason, in change: inout Change) {
        change.executeLater(
            """
            UPDATE reminder SET state = 'called-off', reason = \(reason.note), contacts = '{}', version = version + 1
            WHERE organisation = \(change.cause.organisation) AND client = \(client) AND state = 'planned'
            """)
    }

    /// Locks those of them that are planned still, the longest due first, with the instants they stand for.
    func lockPlanned(_ ids: [MessageID], in change: inout Change) throws -> [DueReminder] {
        try change.query(
            """
            SELECT \(Self.columns), due_at, late_at FROM (
                SELECT reminder.*, \(Self.instant) AS due_at,
                    late_on::timestamp AT TIME ZONE \(ClinicStore.zone) AS late_at
                FROM \(Self.atClinics)
                WHERE reminder.id = ANY(\(ids)) AND state = 'planned'
                ORDER BY reminder.id FOR UPDATE OF reminder) AS planned
            ORDER BY due_at, id
            """
        ) { row in DueReminder(record: try read(row), dueAt: try row("due_at"), lateAt: try row("late_at")) }
    }

    /// Beside the clinics on whose walls they are due.
    private static let atClinics: SQL = "reminder \(ClinicStore.known(of: "reminder"))"

    private static let instant: SQL = """
        (local_day + local_minutes * interval '1 minute') AT TIME ZONE \(ClinicStore.zone)
        """

    private static let columns: SQL = """
        id, organisation, clinic, client, payment, occasion, dedup_key, facts, state, local_day, local_minutes, late_on,
        reason, version, contacts
        """

    private func read(_ row: Row) throws -> ReminderRecord {
        let minutes: Int32 = try row("local_minutes")
        return ReminderRecord(
            reminder: Reminder(
                id: try row("id"), state: try row.word("state"), day: try row("local_day"),
                time: LocalTime(minutes: Int(minutes)) ?? .morning),
            organisation: try row("organisation"), clinic: try row("clinic"), client: try row("client"),
            payment: try row("payment"), occasion: try row.word("occasion"), dedupKey: try row("dedup_key"),
            facts: try row("facts"), lateOn: try row("late_on"), reason: try row("reason"),
            version: try row("version"), contacts: try row("contacts"))
    }
}
