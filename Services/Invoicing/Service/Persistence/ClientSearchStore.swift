import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Finds clients by parts of what is known of them, those who came last first (INV-1).
struct ClientSearchStore {
    /// Kinds of documents that clients are found by; receipts are found with what they are of.
    private static let kinds = [DocumentSeries.Kind.invoice, .creditNote, .quote]
    /// Of so many clinics the numbers are looked for by their codes: each has the index asked once more on every shelf,
    /// and with three of them all shelves of 500,000 clients still take less than fifty milliseconds.
    private static let clinicsMax: Int64 = 3

    private let clients = ClientStore()

    /// Those behind the last client of a page who have all words of the search, or a part of the phone number, or a
    /// document with such a number; only with one of these phones when they are given.
    ///
    /// The indexes of pieces are asked shelf by shelf until the page is full, so that neither what nearly everybody has
    /// nor what only those of long ago have is gathered from one end to the other.
    func clients(
        by search: ClientSearch, _ phones: [Phone]?, of organisation: OrganisationID, after last: ClientID?, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [ClientRecord] {
        guard let typed = try whatWasTyped(search, organisation, after: last, &transaction) else { return [] }
        if let phones {
            return try clients(by: search, called: phones, organisation, typed, atMost: rows, &transaction)
        }
        let number = try Self.numberPieces(search, organisation, &transaction)
        var (found, place, count) = ([ClientRecord](), typed.place, 2 * rows)
        while true {
            let known = try candidates(typed, before: place, atMost: count, &transaction)
            let billed = try clientsBilled(search, organisation, number, before: place, atMost: count, &transaction)
            // Nobody is left behind the last of them when there are fewer; else who is there is known up to that place.
            let end = [known, billed].compactMap { $0.count < count ? nil : $0.last?.place }.max()
            let some = Set(known + billed).filter { $0.place >= end ?? 0 }.sorted { $0.place > $1.place }
            let wanted: SQL = "\(ClientStore.present(of: organisation, phones: nil)) AND \(isMeant(search, billed))"
            found += try read(some.map(\.client), wanted, atMost: rows - found.count, &transaction)
            guard found.count < rows, let end else { return found }
            // Nearly all candidates are meant, so that a second look is rare.
            (place, count) = (end, 10 * count)
        }
    }

    /// Where a client stands among those who came.
    private struct Placed: Hashable {
        let client: ClientID
        let place: Int64

        init(_ row: Row) throws {
            client = try row("client")
            place = try row("place")
        }
    }

    /// What is looked for, and behind which place.
    private struct Typed {
        /// Pieces of all words.
        let words: [Int32]
        /// Pieces of the phone number; none when it cannot be a part of one.
        let digits: [Int32]
        let place: Int64
    }

    /// Nil when there is nothing to look for, or nobody who was the last of a page.
    private func whatWasTyped(
        _ search: ClientSearch, _ organisation: OrganisationID, after last: ClientID?,
        _ transaction: inout PostgresTransaction
    ) throws -> Typed? {
        // The service may use the sequence and not read it; the view tells who may use it.
        let newest: SQL = """
            SELECT coalesce(max(last_value), 0) + 1 FROM pg_sequences
            WHERE schemaname = current_schema() AND sequencename = 'client_place'
            """
        let place: SQL = last.map { "SELECT place FROM client_pieces WHERE client = \($0)" } ?? newest
        let typed: Typed? = try transaction.first(
            """
            SELECT typed_pieces(\(organisation), plain_words(\(search.text)), \(search.isGrouped)) AS words,
                typed_pieces(\(organisation), \(search.phoneDigits ?? ""), false) AS digits, place
            FROM (\(place)) AS beginning (place)
            """
        ) { row in
            Typed(words: try row("words"), digits: try row("digits"), place: try row("place"))
        }
        return typed.flatMap { $0.words.isEmpty ? nil : $0 }
    }

    /// Pieces of a document's number, for each place in it that is looked at: none when no series' name has what is
    /// before the digits, as none has most names.
    ///
    /// What is in no series' name itself can but end in what counts a number. A series is there with its first number.
    /// Threes of digits around a dash are in very many numbers, so that where few clinics have them in a name, their
    /// numbers are looked for by the code too, and all others as if no name had them.
    private static func numberPieces(
        _ search: ClientSearch, _ organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [[Int32]] {
        guard let part = search.numberPart, let lookedUp = search.numberLookedUp, let beginning = search.numberBeginning
        else { return [] }
        return try transaction.query(
            """
            WITH named AS (
                SELECT code, bool_or(strpos(name, \(beginning)) > 0) AS begins,
                    bool_or(strpos(name, \(part)) > 0) AS has
                FROM (
                    SELECT upper(code) AS code, kind || '-' || upper(code) || '-' || year || '-' AS name
                    FROM clinic JOIN document_series ON document_series.clinic = clinic.id
                    WHERE clinic.organisation = \(organisation) AND kind = ANY(\(kinds.map(\.rawValue)))
                ) AS series GROUP BY code
            ), known AS (
                SELECT bool_or(begins) AS begins,
                    count(*) FILTER (WHERE has) <= \(search.numberIsAroundDash ? clinicsMax : 0) AS are_few
                FROM named
            )
            SELECT typed_number_pieces(\(organisation), \(lookedUp), are_few) AS pieces FROM known WHERE begins
            UNION ALL SELECT typed_number_pieces(\(organisation), \(lookedUp), false)
                || typed_number_pieces(\(organisation), '-' || code || '-', false)
            FROM named CROSS JOIN known WHERE has AND are_few
            """
        ) { row in try row("pieces") }
    }

    /// All who may be meant, by the index of pieces, those who came last first.
    ///
    /// The rows of the first list are taken in their order, and what is behind a full page is not looked at. A piece
    /// may be what another one is on another shelf, so that the shelf itself is looked at too.
    private func candidates(
        _ typed: Typed, before place: Int64, atMost count: Int, _ transaction: inout PostgresTransaction
    ) throws -> [Placed] {
        let isPhone = !typed.digits.isEmpty
        let digits: SQL = isPhone ? ", \(Self.pieces(typed.digits)) AS digits" : ""
        let orDigits: SQL = isPhone ? " OR pieces @> shelf.digits" : ""
        return try transaction.query(
            """
            SELECT found.client, found.place FROM (
                SELECT nth, \(Self.pieces(typed.words)) AS words\(digits)
                FROM generate_series(shelf_of(\(place)), 0, -1) AS nth OFFSET 0
            ) AS shelf CROSS JOIN LATERAL (
                SELECT client, place FROM client_pieces
                WHERE (pieces @> shelf.words\(orDigits)) AND shelf_of(place) = shelf.nth AND place < \(place)
                ORDER BY place DESC
            ) AS found LIMIT \(Int64(count))
            """, Placed.init)
    }

    /// What pieces are on a shelf.
    private static func pieces(_ pieces: [Int32]) -> SQL {
        "ARRAY(SELECT piece # shelf_mark(nth) FROM unnest(\(pieces)) AS piece)"
    }

    /// Those wanted of some clients, in their order.
    ///
    /// One by one while any are asked for: the database knows too little of their words to guess how many that is,
    /// and would rather read all clients of the organisation.
    private func read(
        _ some: [ClientID], _ wanted: SQL, atMost rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [ClientRecord] {
        try transaction.query(
            """
            SELECT \(ClientStore.columns) FROM unnest(\(some)::uuid[]) WITH ORDINALITY AS candidate (client, nth)
            CROSS JOIN LATERAL (
                SELECT * FROM client WHERE id = candidate.client AND \(wanted) OFFSET 0) AS client
            ORDER BY nth LIMIT \(Int64(rows))
            """, clients.read)
    }

    /// Clients who have documents with such a number, those who came last first.
    ///
    /// Of a client's documents that may have it the numbers are looked at until one has, and of no client behind a full
    /// page.
    private func clientsBilled(
        _ search: ClientSearch, _ organisation: OrganisationID, _ number: [[Int32]], before place: Int64,
        atMost count: Int, _ transaction: inout PostgresTransaction
    ) throws -> [Placed] {
        guard let part = search.numberPart, !number.isEmpty else { return [] }
        let numbers = Self.numbers(organisation, where: "id = candidate.document")
        var (columns, mayHave): (SQL, SQL) = ("", "")
        for (nth, pieces) in number.enumerated() {
            let column = SQL(unescaped: "pieces_\(nth)")
            columns.append(", \(Self.pieces(pieces)) AS \(column)")
            mayHave.append("\(unescaped: nth == 0 ? "" : " OR ")pieces @> shelf.\(column)")
        }
        return try transaction.query(
            """
            SELECT found.client, found.place FROM (
                SELECT nth\(columns)
                FROM generate_series(document_shelf_of(\(place)), 0, -1) AS nth OFFSET 0
            ) AS shelf CROSS JOIN LATERAL (
                SELECT client, place, array_agg(document) AS documents FROM document_pieces
                WHERE (\(mayHave)) AND document_shelf_of(place) = shelf.nth AND place < \(place)
                GROUP BY place, client ORDER BY place DESC
            ) AS found WHERE (
                SELECT true FROM unnest(found.documents) AS candidate (document)
                CROSS JOIN LATERAL (\(numbers) OFFSET 0) AS numbered
                WHERE strpos(upper(number), \(part)) > 0 LIMIT 1)
            LIMIT \(Int64(count))
            """, Placed.init)
    }

    /// The numbers of some documents.
    private static func numbers(_ organisation: OrganisationID, where condition: SQL) -> SQL {
        """
        SELECT number FROM invoice WHERE organisation = \(organisation) AND \(condition)
        UNION ALL SELECT number FROM credit_note WHERE organisation = \(organisation) AND \(condition)
        UNION ALL SELECT number FROM quote WHERE organisation = \(organisation) AND \(condition)
        """
    }

    /// Those of some phones who are meant: they are so few that each is looked at.
    private func clients(
        by search: ClientSearch, called phones: [Phone], _ organisation: OrganisationID, _ typed: Typed,
        atMost rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [ClientRecord] {
        var meant = isMeant(search, [])
        if let part = search.numberPart {
            let numbers = Self.numbers(organisation, where: "client = client.id")
            meant = """
                (\(meant) OR (
                    SELECT true FROM (\(numbers)) AS numbered WHERE strpos(upper(number), \(part)) > 0 LIMIT 1))
                """
        }
        return try transaction.query(
            """
            SELECT \(ClientStore.columns) FROM (
                SELECT named.*, place FROM client AS named JOIN client_pieces ON client_pieces.client = named.id
                WHERE \(ClientStore.present(of: organisation, phones: phones)) OFFSET 0
            ) AS client WHERE place < \(typed.place) AND \(meant) ORDER BY place DESC LIMIT \(Int64(rows))
            """, clients.read)
    }

    /// The company is documents' name of a client, and stands with what they say.
    private func isMeant(_ search: ClientSearch, _ billed: [Placed]) -> SQL {
        let typed: SQL = "trim(plain_words(\(search.text)))"
        let words: SQL = search.isGrouped ? "ARRAY[\(typed)]" : "string_to_array(\(typed), ' ')"
        var condition: SQL = """
            (known_by || coalesce((
                SELECT plain_words(company) FROM billing_details WHERE billing_details.client = client.id), '')
            ) LIKE ALL (ARRAY(SELECT '%' || word || '%' FROM unnest(\(words)) AS word))
            """
        if let digits = search.phoneDigits { condition = "\(condition) OR known_by LIKE \("%\(digits)%")" }
        if !billed.isEmpty { condition = "\(condition) OR id = ANY (\(billed.map(\.client)))" }
        return "(\(condition))"
    }
}
