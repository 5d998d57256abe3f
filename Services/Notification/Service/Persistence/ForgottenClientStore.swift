import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Clients the books forgot (GEN-7).
struct ForgottenClientStore {
    /// Whoever learns something of a client, and whoever forgets it, come one after the other.
    func awaitTurn(of clients: [ClientID], in change: inout Change) {
        // In one order, so that no two wait for each other.
        for client in Set(clients).sorted(by: { $0.value < $1.value }) {
            change.executeLater(
                "SELECT pg_advisory_xact_lock(hashtext('known-client'), hashtext(\(client.description)))")
        }
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

    /// The same as a part of another statement.
    func holds(_ client: ClientID, of organisation: OrganisationID) -> SQL {
        """
        EXISTS (SELECT FROM forgotten_client
            WHERE forgotten_client.organisation = \(organisation) AND forgotten_client.client = \(client))
        """
    }
}
