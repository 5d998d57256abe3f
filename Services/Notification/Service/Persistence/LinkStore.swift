import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// An entry of the directory nobody has said of whether it is a client.
struct UnknownContact: Sendable {
    let id: ContactID
    let organisation: OrganisationID
    /// By it the entry is known; by the address where there is none.
    let phone: String?
    let email: String?
}

/// A client who may be in the directory.
struct NotedClient: Sendable {
    let id: ClientID
    let organisation: OrganisationID
    let notedAt: Instant
}

/// Which entries of the directory are which clients of the books (GEN-7).
struct LinkStore {
    /// How long a question waits that could not be answered.
    private static let pauseSeconds: Int64 = 60

    private let forgotten = ForgottenClientStore()

    /// Notes a client who may be in the directory; where nobody is unknown there is nothing to note.
    func note(_ client: ClientID, in change: inout Change) {
        let organisation = change.cause.organisation
        change.executeLater(
            """
            INSERT INTO client_to_link (organisation, client) SELECT \(organisation), \(client)
            WHERE EXISTS (SELECT FROM contact WHERE organisation = \(organisation) AND client IS NULL)
            ON CONFLICT ON CONSTRAINT client_to_link_once DO UPDATE SET noted_at = clock_timestamp(), ask_after = NULL
            """)
    }

    func unknown(_ limit: Int, _ transaction: inout PostgresTransaction) throws -> [UnknownContact] {
        try transaction.query(
            """
            SELECT id, organisation, phone, email FROM contact
            WHERE client IS NULL AND asked_at IS NULL AND (ask_after IS NULL OR ask_after <= now())
            ORDER BY id LIMIT \(Int64(limit))
            """
        ) { row in
            UnknownContact(
                id: try row("id"), organisation: try row("organisation"), phone: try row("phone"),
                email: try row("email"))
        }
    }

    func noted(_ limit: Int, _ transaction: inout PostgresTransaction) throws -> [NotedClient] {
        try transaction.query(
            """
            SELECT client, organisation, noted_at FROM client_to_link WHERE ask_after IS NULL OR ask_after <= now()
            ORDER BY organisation, client LIMIT \(Int64(limit))
            """
        ) { row in
            NotedClient(
                id: try row("client"), organisation: try row("organisation"), notedAt: try row("noted_at"))
        }
    }

    /// Nobody's, as far as invoicing knows.
    func answer(_ contact: UnknownContact, _ transaction: inout PostgresTransaction) {
        transaction.executeLater("UPDATE contact SET asked_at = now() WHERE \(isStill(contact))")
    }

    /// The client's; false when the entry is another by now, or the client is forgotten.
    func link(_ contact: UnknownContact, to client: ClientID, in change: inout Change) throws -> Bool {
        try change.execute(
            """
            UPDATE contact SET client = \(client), asked_at = now()
            WHERE \(isStill(contact)) AND NOT \(forgotten.holds(client, of: contact.organisation))
            """) > 0
    }

    /// Nothing personal changes hands unless the entry is still the one that was asked about.
    private func isStill(_ contact: UnknownContact) -> SQL {
        """
        id = \(contact.id) AND client IS NULL AND phone IS NOT DISTINCT FROM \(contact.phone)
            AND (phone IS NOT NULL OR email IS NOT DISTINCT FROM \(contact.email))
        """
    }

    /// What a client is reached by is the client's own in the directory and in campaigns; false when there is nothing.
    func link(_ client: NotedClient, phone: String?, email: String?, in change: inout Change) throws -> Bool {
        let entries = try change.execute(
            """
            UPDATE contact SET client = \(client.id)
            WHERE organisation = \(client.organisation) AND client IS NULL
                AND (phone = \(phone) OR phone IS NULL AND lower(email) = lower(\(email)))
                AND NOT \(forgotten.holds(client.id, of: client.organisation))
            """)
        let messages = try change.execute(
            """
            UPDATE message SET client = \(client.id)
            WHERE organisation = \(client.organisation) AND client IS NULL AND campaign IS NOT NULL
                AND address = \(phone) AND NOT \(forgotten.holds(client.id, of: client.organisation))
            """)
        return entries + messages > 0
    }

    /// Unless the client was noted once more since.
    func settle(_ client: NotedClient, _ transaction: inout PostgresTransaction) {
        transaction.executeLater(
            """
            DELETE FROM client_to_link WHERE organisation = \(client.organisation) AND client = \(client.id)
                AND noted_at <= \(client.notedAt)
            """)
    }

    func putOff(_ contact: UnknownContact, _ transaction: inout PostgresTransaction) {
        transaction.executeLater(
            """
            UPDATE contact SET ask_after = now() + \(Self.pauseSeconds) * interval '1 second'
            WHERE id = \(contact.id)
            """)
    }

    func putOff(_ client: NotedClient, _ transaction: inout PostgresTransaction) {
        transaction.executeLater(
            """
            UPDATE client_to_link SET ask_after = now() + \(Self.pauseSeconds) * interval '1 second'
            WHERE organisation = \(client.organisation) AND client = \(client.id)
            """)
    }
}
