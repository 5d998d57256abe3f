import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Finds clients by parts of what is known of them, newest first (INV-1).
struct ClientSearchStore {
    /// What many clients have is found among so many of the newest, without gathering all who have it; of many more
    /// the database would rather sort them all.
    private static let newestLooked: Int64 = 1_000
    /// More invoices whose numbers end alike tell no client from another.
    private static let invoicesMax: Int64 = 500

    private let clients = ClientStore()

    /// Those before an id who have all words of the search, or a part of the phone number, or an invoice with such a
    /// number; only with one of these phones when they are given.
    ///
    /// A word of three letters or more may stand anywhere in another, a shorter one begins a word.
    func clients(
        by search: ClientSearch, _ phones: [Phone]?, of organisation: OrganisationID, _ before: ClientID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [ClientRecord] {
        let billed = try search.numberEnd.map { try clientsBilled(under: $0, organisation, &transaction) } ?? []
        let present = ClientStore.present(of: organisation, phones: phones, before: before)
        let condition: SQL = "\(present) AND \(isMeant(search, billed))"
        let newest: SQL = """
            SELECT * FROM client WHERE organisation = \(organisation) AND id < \(before)
            ORDER BY id DESC LIMIT \(Self.newestLooked)
            """
        let near = try list(from: "(\(newest)) AS client", condition, rows, &transaction)
        if near.count == rows { return near }
        let candidates: SQL = """
            SELECT client FROM (\(candidates(search, organisation, billed))) AS candidate
            WHERE client < \(before) ORDER BY client DESC
            """
        return try list(
            from: "(\(candidates)) AS candidate JOIN client ON id = candidate.client", condition, rows, &transaction)
    }

    private func list(
        from source: SQL, _ condition: SQL, _ rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [ClientRecord] {
        try transaction.query(
            """
            SELECT \(ClientStore.columns) FROM \(source) WHERE \(condition) ORDER BY id DESC LIMIT \(Int64(rows))
            """, clients.read)
    }

    /// Clients of the newest invoices whose number ends so.
    private func clientsBilled(
        under end: String, _ organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [ClientID] {
        let beginning = String(end.reversed())
        return try transaction.query(
            """
            SELECT DISTINCT client FROM (
                SELECT client FROM invoice WHERE organisation = \(organisation)
                    AND number_backwards >= \(beginning) AND number_backwards < \(beginning + "\u{10FFFF}")
                ORDER BY id DESC LIMIT \(Self.invoicesMax)
            ) AS invoice
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
