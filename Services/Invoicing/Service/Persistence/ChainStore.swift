import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A series of documents that are chained.
struct ChainedSeries: Hashable, Sendable {
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
    let series: ChainedSeries
    /// One that came after the chains if there is any, or else the last, and its place in the series as it says itself.
    let number: String
    let last: Int64
    /// Whether it came when there were chains already, by its own account.
    let isYounger: Bool
}

/// Credit notes whose invoice is not there.
struct StrayCreditNotes: Sendable {
    /// What their numbers begin with.
    let series: String
    let first: String
    let count: Int64
}

/// The chains of hashes that issued documents form.
struct ChainStore {
    /// All series that have a chain, as their own rows or their documents say.
    func all(_ transaction: inout PostgresTransaction) throws -> [ChainedSeries] {
        try transaction.query(
            """
            SELECT kind, chained.clinic, coalesce(code, chained.clinic::text) AS code, year FROM (
                SELECT kind, clinic, year FROM document_series WHERE hash IS NOT NULL
                UNION SELECT 'F', clinic, extract(year FROM issued_on)::int FROM invoice WHERE sequence IS NOT NULL
                UNION SELECT 'A', clinic, extract(year FROM issued_on)::int FROM credit_note
                WHERE sequence IS NOT NULL
                UNION SELECT 'R', clinic, extract(year FROM received_on)::int FROM payment_on_account
                WHERE sequence IS NOT NULL
            ) AS chained LEFT JOIN clinic ON clinic.id = chained.clinic
            ORDER BY code, kind, year, chained.clinic
            """, series)
    }

    private func series(_ row: Row) throws -> ChainedSeries {
        let kind: DocumentSeries.Kind = try row.word("kind")
        let year: Int32 = try row("year")
        let code: String = try row("code")
        return ChainedSeries(
            kind: kind, clinic: try row("clinic"), year: Int(year), name: "\(kind.rawValue)-\(code)-\(year)")
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
            SELECT DISTINCT ON (kind, numbered.clinic, year) kind, numbered.clinic,
                coalesce(code, numbered.clinic::text) AS code, year, number, last, younger
            FROM (
                SELECT kind, clinic, year, number,
                    coalesce(nullif(substring(number FROM '([0-9]{1,18})$')::bigint, 0), 999999999999999999) AS last,
                    coalesce(created_at > (
                        SELECT applied_at FROM migration WHERE name = CASE kind
                            WHEN 'R' THEN 'service/0043-receipts-in-chains'
                            ELSE 'service/0005-discounts-and-chains' END), true)
                        AS younger
                FROM (
                    SELECT 'F' AS kind, clinic, extract(year FROM issued_on)::int AS year, number, created_at
                    FROM invoice WHERE number IS NOT NULL AND sequence IS NULL
                    UNION ALL
                    SELECT 'A', invoice.clinic, extract(year FROM credit_note.issued_on)::int, credit_note.number,
                        credit_note.created_at
                    FROM credit_note JOIN invoice ON invoice.id = credit_note.invoice
                    WHERE credit_note.sequence IS NULL
                    UNION ALL
                    SELECT 'R', clinic, extract(year FROM received_on)::int, receipt_number, created_at
                    FROM payment_on_account WHERE receipt_number IS NOT NULL AND sequence IS NULL
                ) AS document
            ) AS numbered LEFT JOIN clinic ON clinic.id = numbered.clinic
            ORDER BY kind, numbered.clinic, year, younger DESC, last DESC
            """
        ) { row in
            LooseDocuments(
                series: try series(row), number: try row("number"), last: try row("last"),
                isYounger: try row("younger"))
        }
    }

    /// Credit notes of no invoice, which are in no series that an invoice would tell.
    func stray(_ transaction: inout PostgresTransaction) throws -> [StrayCreditNotes] {
        try transaction.query(
            """
            SELECT series, min(number) AS first, count(*) AS count FROM (
                SELECT credit_note.organisation, credit_note.number,
                    regexp_replace(credit_note.number, '-[^-]*$', '') AS series
                FROM credit_note LEFT JOIN invoice ON invoice.id = credit_note.invoice
                WHERE invoice.id IS NULL
            ) AS stray GROUP BY organisation, series ORDER BY series
            """
        ) { row in
            StrayCreditNotes(series: try row("series"), first: try row("first"), count: try row("count"))
        }
    }
}
