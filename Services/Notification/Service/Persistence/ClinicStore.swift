import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A day and time on a clinic's wall, as an instant.
struct WallMoment: Sendable {
    let dueAt: Instant
    let timeZone: String
    /// Whether it is a later day there by now.
    var isDayOver = false

    /// Refuses a moment that has passed: what is planned for it would leave at once, and late.
    func requireToCome(at now: Instant) throws {
        guard !Reminder.isPast(dueAt, at: now) else { throw PastMoment(timeZone: timeZone, isDayOver: isDayOver) }
    }
}

/// Something was planned for a moment that has passed.
struct PastMoment: Error {
    let timeZone: String
    /// Whether another time of the same day cannot help.
    let isDayOver: Bool
}

/// Where clinics are, as far as their wall clocks go.
struct ClinicStore {
    /// The zone of a clinic nobody said anything about.
    static let standardZone = "Europe/Paris"

    func put(_ clinic: ClinicID, in zone: String, _ change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO clinic (id, organisation, time_zone) VALUES (\(clinic), \(change.cause.organisation), \(zone))
            ON CONFLICT ON CONSTRAINT clinic_once DO UPDATE SET time_zone = EXCLUDED.time_zone
            """)
    }

    /// Says whose holidays a clinic keeps and, where nobody said its zone, which clock; nil: its organisation's.
    func put(_ clinic: ClinicID, observing region: HolidayRegion?, _ change: inout Change) throws {
        guard let region else {
            return change.executeLater(
                "UPDATE clinic SET region = NULL WHERE organisation = \(change.cause.organisation) AND id = \(clinic)")
        }
        change.executeLater(
            """
            INSERT INTO clinic (id, organisation, time_zone, region)
            VALUES (\(clinic), \(change.cause.organisation), \(region.timeZone), \(region.rawValue))
            ON CONFLICT ON CONSTRAINT clinic_once DO UPDATE SET region = EXCLUDED.region
            """)
    }

    /// Whose holidays a clinic keeps; nil: its organisation's.
    func region(
        of clinic: ClinicID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> HolidayRegion? {
        let text: String? = try transaction.first(
            "SELECT region FROM clinic WHERE organisation = \(organisation) AND id = \(clinic) AND region IS NOT NULL"
        ) { row in try row("region") }
        return text.flatMap(HolidayRegion.init(rawValue:))
    }

    /// The standard one where none is named.
    func zone(of clinic: ClinicID?, in change: inout Change) throws -> String {
        guard let clinic else { return Self.standardZone }
        return try zone(of: clinic, of: change.cause.organisation, &change.transaction)
    }

    /// Where a clinic is, or that of somebody in the directory where none is named; nil where both are of none.
    ///
    /// It keeps its organisation's holidays unless somebody said which, and is where these are unless somebody said in
    /// which zone.
    func whereabouts(
        of clinic: ClinicID?, orOf contact: ContactID?, in usual: HolidayRegion, _ change: inout Change
    ) throws -> Whereabouts? {
        guard clinic != nil || contact != nil else { return nil }
        let organisation = change.cause.organisation
        return try change.first(
            """
            SELECT time_zone, region
            FROM (SELECT coalesce(\(clinic)::uuid, (SELECT clinic FROM contact
                    WHERE organisation = \(organisation) AND id = \(contact)::uuid)) AS id) AS named
                LEFT JOIN clinic ON clinic.organisation = \(organisation) AND clinic.id = named.id
            WHERE named.id IS NOT NULL
            """
        ) { row in
            let (zone, own): (String?, String?) = (try row("time_zone"), try row("region"))
            let region = own.flatMap(HolidayRegion.init(rawValue:)) ?? usual
            return Whereabouts(timeZone: zone ?? region.timeZone, region: region)
        }
    }

    func zone(
        of clinic: ClinicID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> String {
        try transaction.first(
            "SELECT time_zone FROM clinic WHERE organisation = \(organisation) AND id = \(clinic)"
        ) { row in try row("time_zone") } ?? Self.standardZone
    }

    /// How numbers are written at a clinic; at any of the organisation's where none is named, the mainland's first.
    func numbers(
        at clinic: ClinicID?, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> WrittenNumbers {
        let zones = try transaction.query(
            """
            SELECT DISTINCT time_zone FROM clinic
            WHERE organisation = \(organisation) AND (\(clinic)::uuid IS NULL OR id = \(clinic)) ORDER BY time_zone
            """
        ) { row in try row("time_zone") as String }
        return WrittenNumbers(timeZones: clinic == nil ? [Self.standardZone] + zones : zones)
    }

    /// How numbers are written in the mainland and at all clinics, whosever they are.
    func allNumbers(_ transaction: inout PostgresTransaction) throws -> WrittenNumbers {
        let zones = try transaction.query("SELECT DISTINCT time_zone FROM clinic ORDER BY time_zone") { row in
            try row("time_zone") as String
        }
        return WrittenNumbers(timeZones: [Self.standardZone] + zones)
    }

    /// Which instant a day and time on its wall is, and what day it is there by now.
    func moment(
        of day: LocalDate, _ time: LocalTime, at clinic: ClinicID?, now: Instant, in change: inout Change
    ) throws -> WallMoment {
        try change.one(
            """
            SELECT time_zone,
                (\(day)::date + \(Int32(time.minutes)) * interval '1 minute') AT TIME ZONE time_zone AS due_at,
                (\(now)::timestamptz AT TIME ZONE time_zone)::date AS today
            FROM (SELECT coalesce((SELECT time_zone FROM clinic
                WHERE organisation = \(change.cause.organisation) AND id = \(clinic)::uuid),
                \(Self.standardZone)) AS time_zone) AS wall
            """
        ) { row in
            let today: LocalDate = try row("today")
            return WallMoment(dueAt: try row("due_at"), timeZone: try row("time_zone"), isDayOver: today > day)
        }
    }

    /// What the wall clock shows there now.
    func wall(
        in zone: String, _ change: inout Change
    ) throws -> (day: LocalDate, time: LocalTime) {
        try change.one(
            """
            SELECT (now() AT TIME ZONE \(zone))::date AS day,
                (extract(hour FROM now() AT TIME ZONE \(zone)) * 60
                    + extract(minute FROM now() AT TIME ZONE \(zone)))::int AS minutes
            """
        ) { row in
            let minutes: Int32 = try row("minutes")
            return (try row("day"), LocalTime(minutes: Int(minutes)) ?? .morning)
        }
    }

    /// Whether the database, which computes the instants, knows the zone.
    func knows(_ zone: String, in transaction: inout PostgresTransaction) throws -> Bool {
        try transaction.first("SELECT 1 AS one FROM pg_timezone_names WHERE name = \(zone)") { _ in true } ?? false
    }
}
