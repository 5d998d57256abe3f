import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// What organisations say the columns of Alma's reports are called.
struct AlmaReportColumnStore {
    func put(_ columns: AlmaReportColumns, in change: inout Change) throws {
        let definition = try PostgresJSON.of(columns).text
        change.executeLater(
            """
            INSERT INTO alma_report_columns (organisation, definition, changed_by)
            VALUES (\(change.cause.organisation), \(definition)::text, \(change.cause.actor))
            ON CONFLICT ON CONSTRAINT alma_report_columns_once DO UPDATE
            SET definition = EXCLUDED.definition, changed_by = EXCLUDED.changed_by, changed_at = now()
            """)
    }

    /// Nil until it has said something.
    func said(
        by organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> AlmaReportColumns? {
        try transaction.first(
            "SELECT definition FROM alma_report_columns WHERE organisation = \(organisation)"
        ) { row in try row.json("definition") }
    }
}
