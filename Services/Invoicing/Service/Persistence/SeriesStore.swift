import Crypto
import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The place of a document in its series, and what it is chained to.
struct SeriesPlace: Sendable {
    let series: DocumentSeries
    let clinic: ClinicID
    /// The day the document is of.
    let day: LocalDate
    let sequence: Int64
    /// Hash of the document before it, in hexadecimal digits; empty when there is none.
    let previous: String
    /// Drawn for what people wrote on the document and may have to be forgotten.
    let salt: String
    /// Those that were kept with it.
    let parties: ChainedParties?

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

    /// SHA-256 in hexadecimal digits, of what is chained or digested.
    static func hash(_ text: ChainText) -> String { hash(Array(text.text.utf8)) }

    static func hash(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return SHA256.hash(data: bytes).reduce(into: "") { hash, byte in
            hash.append(digits[Int(byte >> 4)])
            hash.append(digits[Int(byte & 15)])
        }
    }
}

/// What ties a receipt to the one before it, and its words to the hash.
struct ReceiptLink: Sendable {
    let place: SeriesPlace
    let link: ChainLink
    let words: SealedWords?

    /// Nil for money without a receipt.
    init?(_ payment: PaymentOnAccount, at place: SeriesPlace) {
        let words = payment.till?.words(salt: place.salt).map {
            SealedWords(salt: place.salt, digest: ChainLink.hash($0))
        }
        guard
            let text = payment.chainText(
                after: place.previous, madeOutTo: payment.client, words: words?.digest)
        else { return nil }
        (self.place, self.words) = (place, words)
        link = ChainLink(place, text)
    }
}

/// A digest of words, and the salt without which nobody can try what they were; it goes when they are forgotten.
struct SealedWords: Sendable {
    let salt: String?
    let digest: String

    /// Whether words are those that were digested, or went as a whole with somebody who was forgotten.
    static func holds(_ sealed: SealedWords?, of till: TillNote?, forgotten isForgotten: Bool) -> Bool {
        let isEmpty = till?.words(salt: "") == nil
        guard let sealed else { return isEmpty }
        guard let salt = sealed.salt else { return isEmpty && isForgotten }
        return till?.words(salt: salt).map(ChainLink.hash) == sealed.digest
    }
}

/// The day of a document that is issued.
enum IssueDay: Sendable {
    /// By a person, who is told when it cannot be that day.
    case chosen(LocalDate)
    /// By a row of a file, which may be of a year that is over.
    case imported(LocalDate)
    /// That of what it follows, or of the last number of its series where that is later; of a year that is closed none.
    case following(LocalDate)

    var day: LocalDate {
        switch self {
        case .chosen(let day), .imported(let day), .following(let day): day
        }
    }

    /// Whether it is this day or none.
    var isFixed: Bool {
        switch self {
        case .chosen, .imported: true
        case .following: false
        }
    }

    fileprivate var isChosen: Bool {
        if case .chosen = self { true } else { false }
    }
}

/// The last number given in each series of documents.
struct SeriesStore {
    /// The next place in a series, gap-free: the row stays locked until the change ends, and a change that fails gives
    /// its number back (C-28).
    ///
    /// Numbers follow the days (CGI, annex II, article 242 nonies A): a day before the last number's is refused where
    /// the law wants it, as is one of a year that is over where a person chose it; one that is long past, which a
    /// person chose, or has not come yet at the clinic is refused for every document.
    ///
    /// `parties` keeps those of the document and answers what its hash holds of them, before the series is locked.
    func next(
        _ kind: DocumentSeries.Kind, of clinic: ClinicID, on when: IssueDay, keeping parties: SQL? = nil,
        _ change: inout Change
    ) throws -> SeriesPlace {
        let issuer = try issuer(clinic, keeping: parties, &change)
        let day = when.isFixed ? when.day : DocumentSeries.day(of: when.day, last: issuer.lastOn)
        let isChecked = kind.isChronological && when.isFixed
        if kind == .receipt { try CollectingRules.admit(day, today: issuer.today) }
        if when.isFixed, day > issuer.today { throw InvoiceRejection.issuedInFuture(day, today: issuer.today) }
        if when.isChosen, kind != .receipt {
            try DocumentSeries.admit(day, today: issuer.today, last: kind.isChronological ? issuer.lastOn : nil)
        }
        let series = DocumentSeries(kind, clinicCode: issuer.code, year: day.year)
        let place: SeriesPlace? = try change.first(
            """
            INSERT INTO document_series (organisation, clinic, kind, year, last, last_on)
            VALUES (\(change.cause.organisation), \(clinic), \(kind.rawValue), \(Int32(day.year)), 1, \(day))
            ON CONFLICT ON CONSTRAINT document_series_key
                DO UPDATE SET last = document_series.last + 1,
                    last_on = greatest(document_series.last_on, EXCLUDED.last_on)
                WHERE document_series.last_on IS NULL OR document_series.last_on <= EXCLUDED.last_on
                    OR NOT \(isChecked)
            RETURNING last, last_on, coalesce(hash, '') AS hash
            """
        ) { row in
            SeriesPlace(
                series: series, clinic: clinic, day: when.isFixed ? day : try row("last_on"),
                sequence: try row("last"), previous: try row("hash"), salt: issuer.salt, parties: issuer.parties)
        }
        if let place { return place }
        throw InvoiceRejection.issuedBeforeLast(day, last: try lastDay(of: series, at: clinic, &change) ?? day)
    }

    private struct Issuer {
        let code: String
        let today: LocalDate
        /// The day of the clinic's last invoice or credit note.
        let lastOn: LocalDate?
        let salt: String
        let parties: ChainedParties?
    }

    private func issuer(_ clinic: ClinicID, keeping parties: SQL?, _ change: inout Change) throws -> Issuer {
        let kept: SQL =
            parties ?? "SELECT NULL::text AS seller, NULL::text AS establishment, NULL::text AS buyer_digest"
        let kinds = DocumentSeries.Kind.allCases.filter(\.isChronological).map(\.rawValue)
        let issuer = try change.one(
            """
            WITH kept AS (\(kept))
            SELECT code, (now() AT TIME ZONE time_zone)::date AS today, (
                    SELECT max(last_on) FROM document_series WHERE clinic = \(clinic) AND kind = ANY(\(kinds))) AS last_on,
                replace(gen_random_uuid()::text, '-', '') AS salt, seller, establishment, buyer_digest
            FROM clinic LEFT JOIN kept ON true WHERE clinic.id = \(clinic)
            """
        ) { row in
            Issuer(
                code: try row("code"), today: try row("today"), lastOn: try row("last_on"), salt: try row("salt"),
                parties: try ChainedParties(row))
        }
        guard parties == nil || issuer.parties != nil else {
            throw BrokenInvariant("a document of clinic \(clinic) has nobody to be issued to")
        }
        return issuer
    }

    private func lastDay(of series: DocumentSeries, at clinic: ClinicID, _ change: inout Change) throws -> LocalDate? {
        let day: LocalDate?? = try change.first(
            """
            SELECT last_on FROM document_series
            WHERE clinic = \(clinic) AND kind = \(series.kind.rawValue) AND year = \(Int32(series.year))
            """
        ) { row in try row("last_on") as LocalDate? }
        return day ?? nil
    }

    /// The first days on which invoices of each clinic may be issued, by clinic and year, and what day it is there.
    func openDays(
        of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> OpenDays {
        let last = try transaction.query(
            """
            SELECT clinic, year, last_on FROM document_series
            WHERE organisation = \(organisation) AND kind = \(DocumentSeries.Kind.invoice.rawValue)
                AND last_on IS NOT NULL
            """
        ) { row in
            let year: Int32 = try row("year")
            return (OpenDays.Series(clinic: try row("clinic"), year: Int(year)), try row("last_on") as LocalDate)
        }
        return OpenDays(
            last: Dictionary(last) { first, _ in first },
            today: try OrganisationStore().today(of: organisation, in: &transaction))
    }

    /// Chains the next document of the series to this one.
    func close(_ place: SeriesPlace, with link: ChainLink, in change: inout Change) {
        change.executeLater(closing(place, with: link))
    }

    /// The same as a part of a statement that is sent anyway, while nobody else gets a number.
    func closing(_ place: SeriesPlace, with link: ChainLink) -> SQL {
        """
        UPDATE document_series SET hash = \(link.hash)
        WHERE clinic = \(place.clinic) AND kind = \(place.series.kind.rawValue)
            AND year = \(Int32(place.series.year))
        """
    }
}

/// Between which days invoices may be issued.
struct OpenDays: Sendable {
    struct Series: Hashable {
        let clinic: ClinicID
        let year: Int
    }

    let last: [Series: LocalDate]
    let today: [ClinicID: LocalDate]

    /// Why a day is none of them; nil when it is one.
    func refusal(of day: LocalDate, at clinic: ClinicID) -> InvoiceRejection? {
        if let today = today[clinic], day > today { return .issuedInFuture(day, today: today) }
        guard let last = last[Series(clinic: clinic, year: day.year)], day < last else { return nil }
        return .issuedBeforeLast(day, last: last)
    }
}
