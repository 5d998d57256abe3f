import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Where clients have somebody who is forgotten among their contacts (GEN-7).
struct ContactTraces {
    private let clients: [ClientID]
    private let organisation: OrganisationID
    /// Those that are the person now, and those that were it by the trail, changed or removed since.
    private let same: [(id: ContactID, stands: Bool)]

    /// By name, whatever its accents and capitals, and by phone or e-mail: either alone is many a person's.
    ///
    /// Names are compared last, and of few: that costs much.
    init(
        of clients: [ClientID], in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws {
        (self.clients, self.organisation) = (clients, organisation)
        same = try transaction.query(
            """
            WITH told AS (
                SELECT id, last_name, first_name, phone, email, true AS stands
                FROM client_contact WHERE organisation = \(organisation)
                UNION ALL
                SELECT (contact ->> 'id')::uuid, contact ->> 'lastName', contact ->> 'firstName', contact ->> 'phone',
                    contact ->> 'email', false
                FROM audit_entry, LATERAL (VALUES (before::jsonb), (after::jsonb)) AS state (contact)
                WHERE organisation = \(organisation) AND NOT person_erased
                    AND action IN ('contact-added', 'contact-changed', 'contact-removed')
            ), alike AS MATERIALIZED (
                SELECT told.id, stands, \(Self.name(of: "told")) AS name, \(Self.name(of: "client")) AS wanted
                FROM told JOIN client ON told.phone = client.phone OR lower(told.email) = lower(client.email)
                WHERE client.id = ANY(\(clients))
            )
            SELECT id, bool_or(stands) AS stands FROM alike WHERE name = wanted GROUP BY id ORDER BY id
            """
        ) { row in (try row("id"), try row("stands")) }
    }

    /// What in an entry of the trail or in an answer says that it may tell of one of them.
    var signs: [String] { same.map(\.id.description) }

    /// The clients' own contacts, whoever they are, and others' who are the person.
    var removed: SQL {
        let standing = same.filter(\.stands).map(\.id)
        return "organisation = \(organisation) AND (client = ANY(\(clients)) OR id = ANY(\(standing)))"
    }

    /// Others' with the phone or e-mail under another name, as of one household: they stay, and somebody looks at them.
    func alike(_ transaction: inout PostgresTransaction) throws -> [ErasureFindings.Contact] {
        try transaction.query(
            """
            SELECT id, client FROM client_contact AS contact
            WHERE organisation = \(organisation) AND NOT (\(removed)) AND EXISTS (
                SELECT FROM client AS gone WHERE gone.id = ANY(\(clients))
                    AND (contact.phone = gone.phone OR lower(contact.email) = lower(gone.email)))
            ORDER BY id LIMIT \(Int64(ContactStore.countMax))
            """
        ) { row in ErasureFindings.Contact(id: try row("id"), client: try row("client")) }
    }

    private static func name(of table: SQL) -> SQL { "plain_words(\(table).last_name || ' ' || \(table).first_name)" }
}
