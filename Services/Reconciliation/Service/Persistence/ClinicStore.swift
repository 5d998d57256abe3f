import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The days of the clinics.
struct ClinicStore {
    /// The zone of clinics that were given none of their own.
    let usualZone: String

    func put(_ id: ClinicID, timeZone: String, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO clinic (id, organisation, time_zone)
            VALUES (\(id), \(change.cause.organisation), \(timeZone))
            ON CONFLICT (organisation, id) DO UPDATE SET time_zone = EXCLUDED.time_zone
            """)
    }

    /// Whether events told of this clinic as another organisation's, and never as this one's; seen across all.
    ///
    /// What organisations say of themselves proves nothing: an id that no event has named yet is anybody's.
    func isOfAnother(
        _ id: ClinicID, than organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> Bool {
        try transaction.one(
            """
            SELECT coalesce(bool_and(owner <> \(organisation)), false) AS is_other FROM (
                (SELECT organisation AS owner FROM expectation WHERE clinic = \(id)
                    ORDER BY organisation <> \(organisation) LIMIT 1)
                UNION ALL
                (SELECT organisation FROM invoice_number WHERE clinic = \(id)
                    ORDER BY organisation <> \(organisation) LIMIT 1)) AS told
            """
        ) { row in try row("is_other") }
    }

    /// The day it was at a clinic; the books follow the clinic's zone, not the server's (GEN-5, C-09).
    func day(of instant: Instant, at clinic: ClinicID?, in change: inout Change) throws -> LocalDate {
        try change.one(
            """
            SELECT (\(instant) AT TIME ZONE coalesce(
                (SELECT time_zone FROM clinic
                    WHERE id = \(clinic) AND organisation = \(change.cause.organisation)), \(usualZone)))::date AS day
            """
        ) { row in try row("day") }
    }

    /// The same for several moments, in their order.
    func days(
        of moments: [(instant: Instant, clinic: ClinicID?)], in change: inout Change
    ) throws -> [LocalDate] {
        try change.query(
            """
            SELECT (instant AT TIME ZONE coalesce(time_zone, \(usualZone)))::date AS day
            FROM unnest(\(moments.map(\.instant)), \(moments.map(\.clinic))) WITH ORDINALITY
                AS told (instant, clinic, place)
                LEFT JOIN clinic ON clinic.id = told.clinic AND organisation = \(change.cause.organisation)
            ORDER BY place
            """
        ) { row in try row("day") }
    }
}
