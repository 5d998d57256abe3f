import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// An entry of the directory nobody has said of whether it is a client.
struct UnknownContact: Sendable {
    let id: ContactID
    let organisation: OrganisationID
    let phone: String
}

/// Which entries of the directory are which clients of the books (GEN-7).
struct LinkStore {
    /// Notes a client who may be in the directory; where nobody is unknown there is nothing to note.
    func note(_ client: ClientID, in change: inout Change) {
        let organisation = change.cause.organisation
        change.executeLater(
            """
            INSERT INTO client_to_link (organisation, client) SELECT \(organisation), \(client)
            WHERE EXISTS (SELECT FROM contact WHERE organisation = \(organisation) AND client IS NULL)
            ON CONFLICT ON CONSTRAINT client_to_link_once DO NOTHING
            """)
    }

    func unknown(_ limit: Int, _ transaction: inout PostgresTransaction) throws -> [UnknownContact] {
        try transaction.query(
            """
            SELECT id, organisation, phone FROM contact WHERE client IS NULL AND asked_at IS NULL AND phone IS NOT NULL
            ORDER BY id LIMIT \(Int64(limit))
            """
        ) { row in UnknownContact(id: try row("id"), organisation: try row("organisation"), phone: try row("phone")) }
    }

    func noted(
        _ limit: Int, _ transaction: inout PostgresTransaction
    ) throws -> [(client: ClientID, organisation: OrganisationID)] {
        try transaction.query(
            "SELECT client, organisation FROM client_to_link ORDER BY organisation, client LIMIT \(Int64(limit))"
        ) { row in (client: try row("client"), organisation: try row("organisation")) }
    }

    /// The answer to one entry; nothing personal changes hands unless the number is still the one that was asked about.
    func answer(_ contact: UnknownContact, with client: ClientID?, _ transaction: inout PostgresTransaction) {
        transaction.executeLater(
            """
            UPDATE contact SET client = \(client), asked_at = now()
            WHERE id = \(contact.id) AND client IS NULL AND phone = \(contact.phone)
            """)
    }

    /// What a client is reached by is the client's own in the directory.
    func link(
        _ client: ClientID, of organisation: OrganisationID, phone: String?, email: String?,
        _ transaction: inout PostgresTransaction
    ) {
        transaction.executeLater(
            """
            UPDATE contact SET client = \(client) WHERE organisation = \(organisation) AND client IS NULL
                AND (phone = \(phone) OR phone IS NULL AND lower(email) = lower(\(email)))
            """)
        transaction.executeLater(
            "DELETE FROM client_to_link WHERE organisation = \(organisation) AND client = \(client)")
    }
}
