import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Where clinics are, as far as their wall clocks go.
struct ClinicStore {
    /// The zone of a clinic nobody said anything about.
    static let standardZone = "Europe/Paris"

    func put(_ clinic: ClinicID, in zone: String, _ change: inout Change) throws {
        try change.execute(
            """
            INSERT INTO clinic (id, organisation, time_zone) VALUES (\(clinic), \(change.cause.organisation), \(zone))
            ON CONFLICT (id) DO UPDATE SET time_zone = EXCLUDED.time_zone
                WHERE clinic.organisation = EXCLUDED.organisation
            """)
    }

    func zone(of clinic: ClinicID, in transaction: inout PostgresTransaction) throws -> String {
        try transaction.first("SELECT time_zone FROM clinic WHERE id = \(clinic)") { row in try row("time_zone") }
            ?? Self.standardZone
    }

    /// Whether the database, which computes the instants, knows the zone.
    func knows(_ zone: String, in transaction: inout PostgresTransaction) throws -> Bool {
        try transaction.first("SELECT 1 AS one FROM pg_timezone_names WHERE name = \(zone)") { _ in true } ?? false
    }
}
