import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The clients of the invoicing service, as its events tell of them: nothing but that they exist.
struct ClientStore: Sendable {
    /// Keeps a client; a second time changes nothing.
    func save(_ client: ClientID, of organisation: OrganisationID, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO client (id, organisation) VALUES (\(client), \(organisation)) ON CONFLICT DO NOTHING
            """)
    }

    /// Whether the invoicing service has told of a client.
    func isKnown(_ client: ClientID, of organisation: OrganisationID) -> Query<Bool> {
        .exists("SELECT 1 AS one FROM client WHERE id = \(client) AND organisation = \(organisation)")
    }
}
