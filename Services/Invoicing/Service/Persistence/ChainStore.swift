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

/// Issued documents of a series that are in no chain.
struct LooseDocuments: Sendable {
    let kind: DocumentSeries.Kind
    let clinic: ClinicID
    let year: Int
    /// The last of their numbers, and its place in the series as it says itself.
    let number: String
    let last: Int64
}

/// The chains of hashes that issued documents form.
struct ChainStore {
    /// All series that have a chain; of one whose own row does not say so the documents do, and it ends nowhere.
    func all(_ transaction: inout PostgresTransaction) throws -> [ChainedSeries] {
        try transaction.query(
            """
            SELECT kind, clinic, code, year, last, chained.hash FROM (
                SELECT kind, clinic, year, last, hash FROM document_series WHERE hash IS NOT NULL
                UNION ALL
                SELECT kind, clinic, year, 0, '' FROM (
                    SELECT 'F' AS kind, clinic, extract(year FROM issued_on)::int AS year FROM invoice
                    WHERE sequence IS NOT NULL
                    UNION SELECT 'A', clinic, extract(year FROM issued_on)::int FROM credit_note
                    WHERE sequence IS NOT NULL
                ) AS told
                WHERE NOT EXISTS (SELECT FROM document_series AS series
                    WHERE (series.kind, series.clinic, series.year) = (told.kind, told.clinic, told.year)
                        AND series.hash IS NOT NULL)
            ) AS chained JOIN clinic ON clinic.id = clinic
            ORDER BY code, kind, year, clinic
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

    /// What was issued and is in no chain: before there were chains, or behind their back.
    func loose(_ transaction: inout PostgresTransaction) throws -> [LooseDocuments] {
        try transaction.query(
            """
            SELECT DISTINCT ON (kind, clinic, year) kind, clinic, year, number, last FROM (
                SELECT kind, clinic, year, number,
                    coalesce(nullif(substring(number FROM '([0-9]{1,18})$')::bigint, 0), 999999999999999999) AS last
                FROM (
                    SELECT 'F' AS kind, clinic, extract(year FROM issued_on)::int AS year, number FROM invoice
                    WHERE number IS NOT NULL AND sequence IS NULL
                    UNION ALL
                    SELECT 'A', invoice.clinic, extract(year FROM credit_note.issued_on)::int, credit_note.number
                    FROM credit_note JOIN invoice ON invoice.id = credit_note.invoice
                    WHERE credit_note.sequence IS NULL
                ) AS document
            ) AS numbered ORDER BY kind, clinic, year, last DESC
            """
        ) { row in
            let year: Int32 = try row("year")
            return LooseDocuments(
                kind: try row.word("kind"), clinic: try row("clinic"), year: Int(year), number: try row("number"),
                last: try row("last"))
        }
    }
}
