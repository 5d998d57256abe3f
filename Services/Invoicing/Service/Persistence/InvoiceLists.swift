import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Invoices in lists, newest first; of all clinics when `clinics` is nil.
struct InvoiceLists {
    func invoices(
        of organisation: OrganisationID, at clinics: [ClinicID]?, before: InvoiceID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [InvoiceSummary] {
        try transaction.query(
            """
            SELECT id, clinic, client, number, reference, currency, due_on, total,
                total - paid - credited - written_off AS due
            FROM invoice WHERE organisation = \(organisation) AND id < \(before) AND NOT cancelled
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            ORDER BY id DESC LIMIT \(Int64(rows))
            """
        ) { row in
            let currency = try row.currency()
            return InvoiceSummary(
                id: try row("id"), clinicID: try row("clinic"), clientID: try row("client"),
                number: try row("number"), reference: try row("reference"), dueOn: try row("due_on"),
                total: try row.money("total", currency), due: try row.money("due", currency))
        }
    }
}
