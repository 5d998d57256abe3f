import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The last number given in each series of documents.
struct SeriesStore {
    /// The next number of a series, gap-free: the row stays locked until the change ends, and a change that fails
    /// gives its number back (C-28).
    func next(
        _ kind: DocumentSeries.Kind, of clinic: ClinicID, in year: Int, _ change: inout Change
    ) throws -> String {
        let code: String = try change.one("SELECT code FROM clinic WHERE id = \(clinic)") { row in try row("code") }
        let sequence: Int64 = try change.one(
            """
            INSERT INTO document_series (organisation, clinic, kind, year, last)
            VALUES (\(change.cause.organisation), \(clinic), \(kind.rawValue), \(Int32(year)), 1)
            ON CONFLICT ON CONSTRAINT document_series_key DO UPDATE SET last = document_series.last + 1
            RETURNING last
            """
        ) { row in try row("last") }
        return DocumentSeries(kind, clinicCode: code, year: year).text(of: sequence)
    }
}
