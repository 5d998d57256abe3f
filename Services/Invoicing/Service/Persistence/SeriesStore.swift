import Crypto
import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The place of a document in its series, and what it is chained to.
struct SeriesPlace: Sendable {
    let series: DocumentSeries
    let clinic: ClinicID
    let sequence: Int64
    /// Hash of the document before it, in hexadecimal digits; empty when there is none.
    let previous: String

    var number: String { series.text(of: sequence) }
}

/// What ties an issued document to the one before it.
struct ChainLink: Sendable, Equatable {
    let sequence: Int64
    let hash: String

    init(sequence: Int64, hash: String) {
        self.sequence = sequence
        self.hash = hash
    }

    init(_ place: SeriesPlace, _ text: ChainText) {
        self.init(sequence: place.sequence, hash: ChainLink.hash(text))
    }

    /// The same place with no hash, for a total that is not the sum of its parts.
    var broken: ChainLink { ChainLink(sequence: sequence, hash: "") }

    /// SHA-256 in hexadecimal digits.
    static func hash(_ text: ChainText) -> String {
        let digits = Array("0123456789abcdef")
        return SHA256.hash(data: Array(text.text.utf8)).reduce(into: "") { hash, byte in
            hash.append(digits[Int(byte >> 4)])
            hash.append(digits[Int(byte & 15)])
        }
    }
}

/// The last number given in each series of documents.
struct SeriesStore {
    /// The next place in a series, gap-free: the row stays locked until the change ends, and a change that fails gives
    /// its number back (C-28).
    func next(
        _ kind: DocumentSeries.Kind, of clinic: ClinicID, in year: Int, _ change: inout Change
    ) throws -> SeriesPlace {
        let code: String = try change.one("SELECT code FROM clinic WHERE id = \(clinic)") { row in try row("code") }
        return try change.one(
            """
            INSERT INTO document_series (organisation, clinic, kind, year, last)
            VALUES (\(change.cause.organisation), \(clinic), \(kind.rawValue), \(Int32(year)), 1)
            ON CONFLICT ON CONSTRAINT document_series_key DO UPDATE SET last = document_series.last + 1
            RETURNING last, coalesce(hash, '') AS hash
            """
        ) { row in
            SeriesPlace(
                series: DocumentSeries(kind, clinicCode: code, year: year), clinic: clinic, sequence: try row("last"),
                previous: try row("hash"))
        }
    }

    /// Chains the next document of the series to this one.
    func close(_ place: SeriesPlace, with link: ChainLink, in change: inout Change) {
        change.executeLater(
            """
            UPDATE document_series SET hash = \(link.hash)
            WHERE clinic = \(place.clinic) AND kind = \(place.series.kind.rawValue)
                AND year = \(Int32(place.series.year))
            """)
    }
}
