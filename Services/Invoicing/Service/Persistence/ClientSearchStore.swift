import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Finds clients by parts of what is known of them, newest first (INV-1).
struct ClientSearchStore {
    /// What many clients have is found among so many of the newest, without gathering all who have it.
    private static let newestLooked = 1_000
    /// The same for what fewer have.
    private static let newerLooked = 10_000
    /// Candidates that are looked at together; nearly all of them are meant, so a second look is rare.
    private static let candidatesLooked = 1_000
    /// More invoices whose numbers end alike tell no client from another.
    private static let invoicesMax: Int64 = 500

    private let clients = ClientStore()

    /// Those before an id who have all words of the search, or a part of the phone number, or an invoice with such a
    /// number; only with one of these phones when they are given.
    ///
    /// A word of three letters or more may stand anywhere in another, a shorter one begins a word. What it costs is
    /// bounded by whichever is less: so many of the newest clients, or all candidates by the index of pieces.
    func clients(
        by search: ClientSearch, _ phones: [Phone]?, of organisation: OrganisationID, _ before: ClientID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [ClientRecord] {
        let billed = try search.numberEnd.map { try clientsBilled(under: $0, organisation, &transaction) } ?? []
        let present = ClientStore.present(of: organisation, phones: phones, before: before)
        let wanted: SQL = "\(present) AND \(isMeant(search, billed))"
        let newest = Newest(organisation: organisation, before: before, wanted: wanted, rows: rows)
        let near = try look(newest, among: Self.newestLooked, &transaction)
        if near.count == rows { return near }
        // As many of each thousand would fill the page.
        if near.count * Self.newerLooked >= rows * Self.newestLooked {
            let nearer = try look(newest, among: Self.newerLooked, &transaction)
            if nearer.count == rows { return nearer }
        }
        return try gather(candidates(search, organisation, billed), newest, &transaction)
    }

    /// Which clients are wanted, newest first.
    private struct Newest {
        let organisation: OrganisationID
        let before: ClientID
        let wanted: SQL
        let rows: Int
    }

    /// Those wanted among so many of the newest; the look ends with the last that is asked for.
    private func look(
        _ newest: Newest, among count: Int, _ transaction: inout PostgresTransaction
    ) throws -> [ClientRecord] {
        try transaction.query(
            """
            SELECT \(ClientStore.columns) FROM (
                SELECT * FROM client WHERE organisation = \(newest.organisation) AND id < \(newest.before)
                ORDER BY id DESC LIMIT \(Int64(count))
            ) AS client WHERE \(newest.wanted) ORDER BY id DESC LIMIT \(Int64(newest.rows))
            """, clients.read)
    }

    /// Those wanted among the candidates, ever more of which are taken at a time.
    private func gather(
        _ candidates: SQL, _ newest: Newest, _ transaction: inout PostgresTransaction
    ) throws -> [ClientRecord] {
        var (found, place, count) = ([ClientRecord](), newest.before, Self.candidatesLooked)
        while true {
            let some: [ClientID] = try transaction.query(
                """
                SELECT client FROM (\(candidates)) AS candidate WHERE client < \(place)
                ORDER BY client DESC LIMIT \(Int64(count))
                """
            ) { try $0("client") }
            guard let last = some.last else { return found }
            found += try read(some, newest, atMost: newest.rows - found.count, &transaction)
            guard found.count < newest.rows, some.count == count else { return found }
            (place, count) = (last, count * 10)
        }
    }

    /// Those wanted of some clients, in their order.
    ///
    /// One by one while any are asked for: the database knows too little of their words to guess how many that is,
    /// and would rather read all clients of the organisation.
    private func read(
        _ some: [ClientID], _ newest: Newest, atMost rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [ClientRecord] {
        try transaction.query(
            """
            SELECT \(ClientStore.columns) FROM unnest(\(some)::uuid[]) WITH ORDINALITY AS candidate (client, place)
            CROSS JOIN LATERAL (
                SELECT * FROM client WHERE id = candidate.client AND \(newest.wanted) OFFSET 0) AS client
            ORDER BY place LIMIT \(Int64(rows))
            """, clients.read)
    }

    /// Clients of the newest invoices whose number ends so.
    ///
    /// All of these invoices are gathered before they are put in order: looked for in that order, one that is not there
    /// would have every invoice read.
    private func clientsBilled(
        under end: String, _ organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [ClientID] {
        let beginning = String(end.reversed())
        return try transaction.query(
            """
            WITH numbered AS MATERIALIZED (
                SELECT id, client FROM invoice WHERE organisation = \(organisation)
                    AND number_backwards >= \(beginning) AND number_backwards < \(beginning + "\u{10FFFF}")
            )
            SELECT DISTINCT client FROM (
                SELECT client FROM numbered ORDER BY id DESC LIMIT \(Self.invoicesMax)
            ) AS newest
            """
        ) { try $0("client") }
    }

    private func isMeant(_ search: ClientSearch, _ billed: [ClientID]) -> SQL {
        var condition: SQL = """
            known_by LIKE ALL (ARRAY(
                SELECT CASE WHEN length(word) < 3 THEN '% ' ELSE '%' END || word || '%'
                FROM unnest(string_to_array(trim(plain_words(\(search.text))), ' ')) AS word))
            """
        if let digits = search.phoneDigits { condition = "\(condition) OR known_by LIKE \("%\(digits)%")" }
        if !billed.isEmpty { condition = "\(condition) OR id = ANY (\(billed))" }
        return "(\(condition))"
    }

    /// All who may be meant, by the index of pieces.
    private func candidates(_ search: ClientSearch, _ organisation: OrganisationID, _ billed: [ClientID]) -> SQL {
        var condition: SQL = "pieces @> word_pieces(\(organisation), plain_words(\(search.text)), false)"
        if let digits = search.phoneDigits {
            condition = "\(condition) OR pieces @> word_pieces(\(organisation), \(digits), false)"
        }
        let found: SQL = "SELECT client FROM client_pieces WHERE \(condition)"
        return billed.isEmpty ? found : "\(found) UNION SELECT unnest(\(billed)::uuid[])"
    }
}
