import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Clients the books forgot (GEN-7).
struct ForgottenClientStore {
    /// Whoever learns something of a client, and whoever forgets it, come one after the other.
    func awaitTurn(of clients: [ClientID], in change: inout Change) {
        // In one order, so that no two wait for each other.
        let ordered = Set(clients).sorted { $0.value < $1.value }.map(\.description)
        change.executeLater(
            """
            SELECT pg_advisory_xact_lock(hashtext('known-client'), hashtext(told.client))
            FROM unnest(\(ordered)::text[]) AS told (client)
            """)
    }

    func remember(_ client: ClientID, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO forgotten_client (organisation, client) VALUES (\(change.cause.organisation), \(client))
            ON CONFLICT ON CONSTRAINT forgotten_client_once DO NOTHING
            """)
    }

    func has(_ client: ClientID, in change: inout Change) throws -> Bool {
        try change.one("SELECT \(holds(client, of: change.cause.organisation)) AS is_forgotten") { row in
            try row("is_forgotten")
        }
    }

    /// Those of them that are forgotten.
    func among(_ clients: [ClientID], in change: inout Change) throws -> Set<ClientID> {
        let found = try change.query(
            """
            SELECT client FROM forgotten_client
            WHERE organisation = \(change.cause.organisation) AND client = ANY(\(clients))
            """
        ) { row in try row("client") as ClientID }
        return Set(found)
    }

    /// The same as a part of another statement.
    func holds(_ client: ClientID, of organisation: OrganisationID) -> SQL {
        holds(anyOf: [client], of: organisation)
    }

    /// Whether one of them is forgotten, as a part of another statement.
    func holds(anyOf clients: [ClientID], of organisation: OrganisationID) -> SQL {
        """
        EXISTS (SELECT FROM forgotten_client
            WHERE forgotten_client.organisation = \(organisation) AND forgotten_client.client = ANY(\(clients)))
        """
    }
}
