import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A chain of clinics, with the version a person may have seen; 0 as long as nobody named it.
struct OrganisationRecord: Sendable {
    let id: OrganisationID
    let name: String
    let siren: String?
    var version: Int64 = 0
}

/// One clinic of a chain, with the version a person may have seen.
struct ClinicRecord: Sendable {
    let id: ClinicID
    /// A part of its documents' numbers, which never changes.
    let code: String
    var name: String
    var timeZone: String
    var version: Int64 = 1
}

/// Organisations and their clinics.
struct OrganisationStore {
    /// Writes over what was there at the record's version; false when somebody else was faster.
    func put(_ organisation: OrganisationRecord, in change: inout Change) throws -> Bool {
        try change.execute(
            """
            INSERT INTO organisation AS kept (organisation, name, siren)
            VALUES (\(organisation.id), \(organisation.name), \(organisation.siren))
            ON CONFLICT (organisation) DO UPDATE SET name = EXCLUDED.name, siren = EXCLUDED.siren,
                version = kept.version + 1
            WHERE kept.version = \(organisation.version)
            """) == 1
    }

    func find(_ id: OrganisationID, in transaction: inout PostgresTransaction) throws -> OrganisationRecord? {
        try transaction.first("SELECT name, siren, version FROM organisation WHERE organisation = \(id)") { row in
            OrganisationRecord(id: id, name: try row("name"), siren: try row("siren"), version: try row("version"))
        }
    }

    func insert(_ clinic: ClinicRecord, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO clinic (id, organisation, code, name, time_zone)
            VALUES (\(clinic.id), \(change.cause.organisation), \(clinic.code), \(clinic.name), \(clinic.timeZone))
            """)
    }

    /// Writes what a clinic is called and its zone over what was there at the record's version; false when somebody
    /// else was faster.
    func change(_ clinic: ClinicRecord, in change: inout Change) throws -> Bool {
        try change.execute(
            """
            UPDATE clinic SET name = \(clinic.name), time_zone = \(clinic.timeZone), version = version + 1
            WHERE id = \(clinic.id) AND organisation = \(change.cause.organisation) AND version = \(clinic.version)
            """) == 1
    }

    /// Clinics in the order of their codes, from the one after a code on.
    func clinics(
        of organisation: OrganisationID, after code: String = "", rows: Int = .max,
        in transaction: inout PostgresTransaction
    ) throws -> [ClinicRecord] {
        try transaction.query(
            """
            SELECT id, code, name, time_zone, version FROM clinic
            WHERE organisation = \(organisation) AND code > \(code) ORDER BY code LIMIT \(Int64(rows))
            """, readClinic)
    }

    func clinic(
        _ id: ClinicID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> ClinicRecord? {
        try transaction.first(
            """
            SELECT id, code, name, time_zone, version FROM clinic
            WHERE organisation = \(organisation) AND id = \(id)
            """, readClinic)
    }

    /// What day it is at each clinic.
    func today(
        of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> [ClinicID: LocalDate] {
        let found = try transaction.query(
            "SELECT id, (now() AT TIME ZONE time_zone)::date AS today FROM clinic WHERE organisation = \(organisation)"
        ) { row in (try row("id") as ClinicID, try row("today") as LocalDate) }
        return Dictionary(found) { first, _ in first }
    }

    /// The day has to have come at the clinic, or in Paris where none is known.
    func admit(_ day: LocalDate, as pointer: String, at clinic: ClinicID?, in change: inout Change) throws {
        let today: LocalDate = try change.one("SELECT \(Self.day(of: "now()", at: clinic)) AS today") { row in
            try row("today")
        }
        guard day <= today else { throw DayNotYet(pointer: pointer, today: today) }
    }

    /// The same for what is not one clinic's: the day has to have come at one of them.
    func admit(_ day: LocalDate, as pointer: String, in change: inout Change) throws {
        let today: LocalDate = try change.one(
            """
            SELECT coalesce(max((now() AT TIME ZONE time_zone)::date), (now() AT TIME ZONE 'Europe/Paris')::date)
                AS today
            FROM clinic WHERE organisation = \(change.cause.organisation)
            """
        ) { row in try row("today") }
        guard day <= today else { throw DayNotYet(pointer: pointer, today: today) }
    }

    private func readClinic(_ row: Row) throws -> ClinicRecord {
        ClinicRecord(
            id: try row("id"), code: try row("code"), name: try row("name"), timeZone: try row("time_zone"),
            version: try row("version"))
    }

    func hasClinic(_ id: ClinicID, in change: inout Change) throws -> Bool {
        try change.read(hasClinic(id, change.cause.organisation))
    }

    func hasClinic(_ id: ClinicID, _ organisation: OrganisationID) -> Query<Bool> {
        .exists("SELECT 1 AS one FROM clinic WHERE id = \(id) AND organisation = \(organisation)")
    }

    /// The day it was at a clinic; books follow the clinic's zone, not the server's (C-09).
    func day(of instant: Instant, at clinic: ClinicID?, in change: inout Change) throws -> LocalDate {
        try change.one("SELECT \(Self.day(of: "\(instant)", at: clinic)) AS day") { row in try row("day") }
    }

    /// The same inside a statement; Paris where the clinic is not known, as for money that came online.
    static func day(of instant: SQL, at clinic: ClinicID?) -> SQL {
        "(\(instant) AT TIME ZONE coalesce((SELECT time_zone FROM clinic WHERE id = \(clinic)), 'Europe/Paris'))::date"
    }
}

/// Somebody says that something happened on a day that has not come yet.
struct DayNotYet: Error {
    /// The field that says it.
    let pointer: String
    let today: LocalDate
}
