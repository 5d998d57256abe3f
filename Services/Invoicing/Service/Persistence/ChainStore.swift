import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A series of documents that are chained, and where its chain ends.
struct ChainedSeries: Sendable {
    let kind: DocumentSeries.Kind
    let clinic: ClinicID
    let year: Int
    /// What its numbers begin with.
    let name: String
    /// The last number that was given, and the hash of its document.
    let last: Int64
    let hash: String
}

/// The chains of hashes that issued documents form.
struct ChainStore {
    func all(_ transaction: inout PostgresTransaction) throws -> [ChainedSeries] {
        try transaction.query(
            """
            SELECT kind, clinic, code, year, last, document_series.hash
            FROM document_series JOIN clinic ON clinic.id = clinic
            WHERE document_series.hash IS NOT NULL ORDER BY code, kind, year, clinic
            """
        ) { row in
            let kind: DocumentSeries.Kind = try row.word("kind")
            let year: Int32 = try row("year")
            let code: String = try row("code")
            return ChainedSeries(
                kind: kind, clinic: try row("clinic"), year: Int(year), name: "\(kind.rawValue)-\(code)-\(year)",
                last: try row("last"), hash: try row("hash"))
        }
    }
}
