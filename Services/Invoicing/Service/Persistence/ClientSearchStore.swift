import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Finds clients by parts of what is known of them, those who came last first (INV-1).
struct ClientSearchStore {
    /// More invoices whose numbers end alike tell no client from another.
    private static let invoicesMax: Int64 = 500
    /// What two or three digits are inside of is looked for in so many of the newest invoices, and no further.
    private static let invoicesLookedAtMax: Int64 = 10_000

    private let clients = ClientStore()

    /// Those behind the last client of a page who have all words of the search, or a part of the phone number, or an
    /// invoice with such a number; only with one of these phones when they are given.
    ///
    /// A word of two letters or more may stand anywhere in another, a letter begins one. The index of pieces is asked
    /// shelf by shelf until the page is full, so that neither what nearly everybody has nor what only those of long ago
    /// have is gathered from one end to the other.
    func clients(
        by search: ClientSearch, _ phones: [Phone]?, of organisation: OrganisationID, after last: ClientID?, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [ClientRecord] {
        guard let typed = try whatWasTyped(search, organisation, after: last, &transaction) else { return [] }
        let billed = try clientsBilled(under: search, organisation, before: typed.place, &transaction)
        let present = ClientStore.present(of: organisation, phones: phones)
        let wanted: SQL = "\(present) AND \(isMeant(search, billed.map(\.client)))"
        var (found, place, count) = ([ClientRecord](), typed.place, 2 * rows)
        while true {
            let shelved = try candidates(typed, before: place, atMost: count, &transaction)
            // Nobody is left behind the last of them when there are fewer.
            let end = shelved.count < count ? nil : shelved.last?.place
            let also = billed.filter { $0.place < place && $0.place >= (end ?? 0) }
            let some = Set(shelved + also).sorted { $0.place > $1.place }
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
    ///
    /// The database cannot know how rare a word is and reckons with the worst; it would compile plans for longer than
    /// they run, and must not in this transaction.
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
            SELECT typed_pieces(\(organisation), plain_words(\(search.text)), \(search.beginning)) AS words,
                typed_pieces(\(organisation), \(search.phoneDigits ?? ""), 1) AS digits, place,
                set_config('jit', 'off', true) AS jit
            FROM (\(place)) AS beginning (place)
            """
        ) { row in Typed(words: try row("words"), digits: try row("digits"), place: try row("place")) }
        return typed.flatMap { $0.words.isEmpty ? nil : $0 }
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

    /// Clients of the newest invoices with such a number, or of the credit note or quote that has it.
    ///
    /// All of these invoices are gathered before they are put in order: looked for in that order, one that is not there
    /// would have every invoice read.
    private func clientsBilled(
        under search: ClientSearch, _ organisation: OrganisationID, before place: Int64,
        _ transaction: inout PostgresTransaction
    ) throws -> [Placed] {
        let ended = search.numberEnd.map { end in
            Self.numbered(String(end.reversed()), search.digitsBehind, organisation)
        }
        let inside = search.digitsInside.map { digits in
            Self.newest(with: String(digits.reversed()), organisation)
        }
        guard var numbered = ended ?? inside else { return [] }
        if let ended, let inside { numbered = "\(ended) UNION \(inside)" }
        if let number = search.numberEnd { numbered = "\(numbered) UNION ALL \(Self.written(number, organisation))" }
        return try transaction.query(
            """
            WITH numbered AS MATERIALIZED (\(numbered))
            SELECT DISTINCT newest.client, place FROM (
                SELECT client FROM numbered ORDER BY id DESC LIMIT \(Self.invoicesMax)
            ) AS newest CROSS JOIN LATERAL (
                SELECT place FROM client_pieces WHERE client = newest.client OFFSET 0) AS placed
            WHERE place < \(place)
            """, Placed.init)
    }

    /// Invoices whose numbers, read backwards, begin so, or so behind some digits: an index has them backwards, and
    /// there are a thousand beginnings with three digits.
    private static func numbered(_ beginning: String, _ behind: [Int], _ organisation: OrganisationID) -> SQL {
        let last = "\u{10FFFF}"
        guard !behind.isEmpty else {
            return """
                SELECT id, client FROM invoice WHERE organisation = \(organisation)
                    AND number_backwards >= \(beginning) AND number_backwards < \(beginning + last)
                """
        }
        let digits = behind.map { (1...$0).reduce(1) { power, _ in 10 * power } }
        let begun = digits.flatMap { power in (power..<2 * power).map { "\(String($0).dropFirst())\(beginning)" } }
        return """
            SELECT found.id, found.client FROM unnest(\([beginning] + begun)::text[]) AS begun CROSS JOIN LATERAL (
                SELECT id, client FROM invoice WHERE organisation = \(organisation)
                    AND number_backwards >= begun AND number_backwards < begun || \(last) OFFSET 0) AS found
            """
    }

    /// The credit note and the quote of just this number: what keeps their numbers apart finds them.
    private static func written(_ number: String, _ organisation: OrganisationID) -> SQL {
        """
        SELECT id, client FROM credit_note WHERE organisation = \(organisation) AND number = \(number)
        UNION ALL SELECT id, client FROM quote WHERE organisation = \(organisation) AND number = \(number)
        """
    }

    /// Those of the newest invoices that have some digits, backwards, among those that count their series.
    private static func newest(with digits: String, _ organisation: OrganisationID) -> SQL {
        """
        SELECT id, client FROM (
            SELECT id, client, number_backwards FROM invoice WHERE organisation = \(organisation)
            ORDER BY id DESC LIMIT \(invoicesLookedAtMax)
        ) AS newest WHERE split_part(number_backwards, '-', 1) LIKE \("%\(digits)%")
        """
    }

    /// The company is documents' name of a client, and stands with what they say.
    private func isMeant(_ search: ClientSearch, _ billed: [ClientID]) -> SQL {
        var condition: SQL = """
            (known_by || coalesce((
                SELECT plain_words(company) FROM billing_details WHERE billing_details.client = client.id), '')
            ) LIKE ALL (ARRAY(
                SELECT CASE WHEN length(word) <= \(search.beginning) THEN '% ' ELSE '%' END || word || '%'
                FROM unnest(string_to_array(trim(plain_words(\(search.text))), ' ')) AS word))
            """
        if let digits = search.phoneDigits { condition = "\(condition) OR known_by LIKE \("%\(digits)%")" }
        if !billed.isEmpty { condition = "\(condition) OR id = ANY (\(billed))" }
        return "(\(condition))"
    }
}
