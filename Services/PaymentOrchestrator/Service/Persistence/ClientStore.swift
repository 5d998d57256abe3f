import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The clients of the invoicing service, as its events tell of them: nothing but that they exist, or were erased.
struct ClientStore: Sendable {
    /// Keeps a client; a second time changes nothing.
    func save(_ client: ClientID, of organisation: OrganisationID, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO client (id, organisation) VALUES (\(client), \(organisation)) ON CONFLICT DO NOTHING
            """)
    }

    /// Keeps that a client was erased, also before it was ever heard of.
    func forget(_ client: ClientID, in change: inout Change) {
        change.executeLater(
            """
            INSERT INTO client (id, organisation, is_erased) VALUES (\(client), \(change.cause.organisation), true)
            ON CONFLICT ON CONSTRAINT client_key DO UPDATE SET is_erased = true
            """)
    }

    /// Whoever has to be alone with a client waits for those who are writing something of it, and they for it.
    func holdAlone(_ client: ClientID, in change: inout Change) {
        change.executeLater(
            "SELECT pg_advisory_xact_lock(hashtext('payments-client'), hashtext(\(client.description)))")
    }

    /// Nobody erases the client, or is alone with it, until the change is over; writers do not wait for each other.
    func holdOff(erasureOf client: ClientID, in change: inout Change) {
        change.executeLater(
            "SELECT pg_advisory_xact_lock_shared(hashtext('payments-client'), hashtext(\(client.description)))")
    }

    /// Whether a client was erased.
    func isErased(_ client: ClientID, of organisation: OrganisationID) -> Query<Bool> {
        .exists("SELECT 1 AS one FROM client WHERE id = \(client) AND organisation = \(organisation) AND is_erased")
    }

    /// Whether the invoicing service has told of a client.
    func isKnown(_ client: ClientID, of organisation: OrganisationID) -> Query<Bool> {
        .exists("SELECT 1 AS one FROM client WHERE id = \(client) AND organisation = \(organisation)")
    }
}
