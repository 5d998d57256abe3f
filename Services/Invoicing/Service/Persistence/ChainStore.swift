import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A series of documents that are chained.
struct ChainedSeries: Sendable {
    let kind: DocumentSeries.Kind
    let clinic: ClinicID
    let year: Int
    /// What its numbers begin with.
    let name: String
}

/// Where a chain ends: the last number that was given, and the hash of its document.
struct ChainEnd: Sendable, Equatable {
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
    /// All series that have a chain, as their own rows or their documents say.
    func all(_ transaction: inout PostgresTransaction) throws -> [ChainedSeries] {
        try transaction.query(
            """
            SELECT kind, clinic, code, year FROM (
                SELECT kind, clinic, year FROM document_series WHERE hash IS NOT NULL
                UNION SELECT 'F', clinic, extract(year FROM issued_on)::int FROM invoice WHERE sequence IS NOT NULL
                UNION SELECT 'A', clinic, extract(year FROM issued_on)::int FROM credit_note
                WHERE sequence IS NOT NULL
            ) AS chained JOIN clinic ON clinic.id = clinic
            ORDER BY code, kind, year, clinic
            """
        ) { row in
            let kind: DocumentSeries.Kind = try row.word("kind")
            let year: Int32 = try row("year")
            let code: String = try row("code")
            return ChainedSeries(
                kind: kind, clinic: try row("clinic"), year: Int(year), name: "\(kind.rawValue)-\(code)-\(year)")
        }
    }

    /// Where a chain ends by now; nil when nothing says so.
    func end(of series: ChainedSeries, _ transaction: inout PostgresTransaction) throws -> ChainEnd? {
        try transaction.first(
            """
            SELECT last, hash FROM document_series
            WHERE clinic = \(series.clinic) AND kind = \(series.kind.rawValue) AND year = \(Int32(series.year))
                AND hash IS NOT NULL
            """
        ) { row in ChainEnd(last: try row("last"), hash: try row("hash")) }
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
