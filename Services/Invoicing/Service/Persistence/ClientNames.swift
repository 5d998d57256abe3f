import HTTPServer
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// What a client is called, as lists say it; who was forgotten has no name.
struct ClientName: Codable, Sendable {
    let lastName: String
    let firstName: String
    /// What documents call the client by.
    let company: String?
}

/// A row of a list that says whose it is.
protocol ClientRow: Sendable {
    var clientID: ClientID { get }
    /// Told in lists only.
    var client: ClientName? { get set }
}

/// Names the clients of a page, so that a list need not be followed by a question for each of its rows.
struct ClientNames {
    /// Only to who may read clients.
    func named<Answer: ClientRow>(
        _ rows: [Answer], for reader: Principal, in transaction: inout PostgresTransaction
    ) throws -> [Answer] {
        guard !rows.isEmpty, reader.scopes.contains("clients:read") else { return rows }
        let clients = Array(Set(rows.map(\.clientID)))
        let found = try transaction.query(
            """
            SELECT id, last_name, first_name,
                (SELECT company FROM billing_details WHERE billing_details.client = client.id) AS company
            FROM client WHERE id = ANY(\(clients)) AND erased_on IS NULL
            """
        ) { row in
            (
                try row("id") as ClientID,
                ClientName(
                    lastName: try row("last_name"), firstName: try row("first_name"), company: try row("company"))
            )
        }
        let names = Dictionary(found) { first, _ in first }
        return rows.map { row in
            var row = row
            row.client = names[row.clientID]
            return row
        }
    }
}
