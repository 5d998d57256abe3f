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
///
/// Where nobody said in which zone one is, it is where the holidays are that it keeps: its own region, or the
/// organisation's as it is by now. So the zone is worked out whenever somebody looks, here and nowhere else.
struct ClinicStore {
    /// The wall clock of a region nobody chose another than.
    private static let standardZone = MarketingHours.standard.region.timeZone

    /// Joins to `rows`, which name an organisation and a clinic or none, what is known of where that is.
    static func known(of rows: SQL) -> SQL {
        """
        LEFT JOIN clinic ON clinic.id = \(rows).clinic AND clinic.organisation = \(rows).organisation
        LEFT JOIN LATERAL (
            SELECT region FROM sending_policy WHERE sending_policy.organisation = \(rows).organisation
            ORDER BY version DESC LIMIT 1) AS usual ON true
        """
    }

    /// The zone of what `known` joined.
    static let zone: SQL = "coalesce(clinic.time_zone, \(zoneOfRegion))"

    private static let region: SQL = "coalesce(clinic.region, usual.region)"

    private static let zoneOfRegion = clock(of: region)

    private static func clock(of region: SQL) -> SQL {
        SQL(
            unescaped: "CASE \(region.text) "
                + HolidayRegion.allCases.map { "WHEN '\($0.rawValue)' THEN '\($0.timeZone)' " }.joined()
                + "ELSE '\(standardZone)' END")
    }

    /// The day and the minutes that the wall shows where days begin first among all clinics: what is planned for later
    /// is due nowhere yet.
    static func latestWall(at now: Instant) -> SQL {
        """
        (SELECT wall::date, \(minutes(on: "wall"))
        FROM (SELECT max(\(now)::timestamptz AT TIME ZONE time_zone) AS wall FROM (
            SELECT time_zone FROM clinic WHERE time_zone IS NOT NULL
            UNION SELECT \(clock(of: "region")) FROM clinic UNION SELECT \(clock(of: "region")) FROM sending_policy
            UNION SELECT \(standardZone)::text) AS zones) AS latest)
        """
    }

    /// Of the day, as it shows them.
    private static func minutes(on wall: SQL) -> SQL {
        "(extract(hour FROM \(wall)) * 60 + extract(minute FROM \(wall)))::int"
    }

    /// One clinic, or none, as `known` reads it.
    private static func place(_ clinic: ClinicID?, of organisation: OrganisationID) -> SQL {
        "(SELECT \(organisation)::uuid AS organisation, \(clinic)::uuid AS clinic) AS place \(known(of: "place"))"
    }

    /// Says in which zone a clinic is; nil: in that of its region.
    func put(_ clinic: ClinicID, in zone: String?, _ change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO clinic (id, organisation, time_zone) VALUES (\(clinic), \(change.cause.organisation), \(zone))
            ON CONFLICT ON CONSTRAINT clinic_once DO UPDATE SET time_zone = EXCLUDED.time_zone
            """)
    }

    /// Says whose holidays a clinic keeps; nil: its organisation's.
    func put(_ clinic: ClinicID, observing region: HolidayRegion?, _ change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO clinic (id, organisation, region)
            VALUES (\(clinic), \(change.cause.organisation), \(region?.rawValue))
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

    /// Of a clinic, or of its organisation where none is named.
    func zone(of clinic: ClinicID?, in change: inout Change) throws -> String {
        try zone(of: clinic, of: change.cause.organisation, &change.transaction).name
    }

    /// The same, and whether somebody said it.
    func zone(
        of clinic: ClinicID?, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> (name: String, isOwn: Bool) {
        try transaction.one(
            """
            SELECT \(Self.zone) AS time_zone, clinic.time_zone IS NOT NULL AS is_own
            FROM \(Self.place(clinic, of: organisation))
            """
        ) { row in (name: try row("time_zone"), isOwn: try row("is_own")) }
    }

    /// Where a clinic is, or that of somebody in the directory where none is named; nil where both are of none.
    func whereabouts(
        of clinic: ClinicID?, orOf contact: ContactID? = nil, of organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> Whereabouts? {
        guard clinic != nil || contact != nil else { return nil }
        return try transaction.first(
            """
            SELECT \(Self.zone) AS time_zone, \(Self.region) AS region
            FROM (SELECT \(organisation)::uuid AS organisation, coalesce(\(clinic)::uuid, (SELECT clinic FROM contact
                    WHERE organisation = \(organisation) AND id = \(contact)::uuid)) AS clinic) AS place
                \(Self.known(of: "place"))
            WHERE place.clinic IS NOT NULL
            """
        ) { row in
            let region: String? = try row("region")
            return Whereabouts(
                timeZone: try row("time_zone"),
                region: region.flatMap(HolidayRegion.init(rawValue:)) ?? MarketingHours.standard.region)
        }
    }

    /// How numbers are written at a clinic; at any of the organisation's where none is named, first where that is.
    func numbers(
        at clinic: ClinicID?, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> WrittenNumbers {
        let own = try zone(of: clinic, of: organisation, &transaction).name
        guard clinic == nil else { return WrittenNumbers(timeZones: [own]) }
        let all = try zones(
            of: "SELECT organisation, id AS clinic FROM clinic WHERE organisation = \(organisation)", &transaction)
        return WrittenNumbers(timeZones: [own, Self.standardZone] + all)
    }

    /// How numbers are written at each clinic of an organisation of which something is known, and under nil at others.
    func numbersAtEach(
        of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> [ClinicID?: WrittenNumbers] {
        let zones = try transaction.query(
            """
            SELECT place.clinic, \(Self.zone) AS time_zone
            FROM (SELECT organisation, id AS clinic FROM clinic WHERE organisation = \(organisation)
                    UNION ALL SELECT \(organisation)::uuid, NULL::uuid) AS place
                \(Self.known(of: "place"))
            """
        ) { row in (try row("clinic") as ClinicID?, WrittenNumbers(timeZones: [try row("time_zone")])) }
        return Dictionary(uniqueKeysWithValues: zones)
    }

    /// How numbers are written in the mainland and at all clinics, whosever they are.
    func allNumbers(_ transaction: inout PostgresTransaction) throws -> WrittenNumbers {
        let all = try zones(
            of: """
                SELECT organisation, id AS clinic FROM clinic UNION SELECT organisation, NULL::uuid FROM sending_policy
                """, &transaction)
        return WrittenNumbers(timeZones: [Self.standardZone] + all)
    }

    private func zones(of places: SQL, _ transaction: inout PostgresTransaction) throws -> [String] {
        try transaction.query(
            """
            SELECT DISTINCT \(Self.zone) AS time_zone FROM (\(places)) AS place \(Self.known(of: "place"))
            ORDER BY time_zone
            """
        ) { row in try row("time_zone") as String }
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
            FROM (SELECT \(Self.zone) AS time_zone FROM \(Self.place(clinic, of: change.cause.organisation))) AS wall
            """
        ) { row in
            let today: LocalDate = try row("today")
            return WallMoment(dueAt: try row("due_at"), timeZone: try row("time_zone"), isDayOver: today > day)
        }
    }

    /// What the wall clock shows there now.
    func wall(
        in zone: String, _ transaction: inout PostgresTransaction
    ) throws -> (day: LocalDate, time: LocalTime) {
        let wall: SQL = "(now() AT TIME ZONE \(zone))"
        return try transaction.one(
            "SELECT \(wall)::date AS day, \(Self.minutes(on: wall)) AS minutes"
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
