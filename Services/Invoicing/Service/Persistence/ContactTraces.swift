import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Where clients have somebody who is forgotten among their contacts (GEN-7).
struct ContactTraces {
    /// The client and those that became it, whose rows, entries and answers tell of the same person.
    let clients: [ClientID]
    private let organisation: OrganisationID
    let reach: ForgottenReach
    /// Those that are the person now, and those that were it by the trail, changed or removed since.
    private let same: [(id: ContactID, stands: Bool)]

    /// By a name, whatever its accents and capitals, and by phone or e-mail: either alone is many a person's.
    ///
    /// Names are compared last, and of few: that costs much.
    init(
        of client: ClientID, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws {
        let clients = try transaction.query(
            "SELECT id FROM client WHERE id = \(client) OR merged_into = \(client) ORDER BY id"
        ) { row in try row("id") as ClientID }
        (self.clients, self.organisation) = (clients, organisation)
        reach = try ForgottenReach(of: clients, in: organisation, &transaction)
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
                SELECT id, stands, \(Self.name) AS name FROM told
                WHERE \(Self.isReached(by: reach.phones, reach.emails))
            )
            SELECT id, bool_or(stands) AS stands FROM alike
            WHERE name IN (SELECT \(Self.name) FROM client WHERE id = ANY(\(clients))) GROUP BY id ORDER BY id
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
            SELECT id, client FROM client_contact
            WHERE organisation = \(organisation) AND NOT (\(removed))
                AND \(Self.isReached(by: reach.ownPhones, reach.emails))
            ORDER BY id LIMIT \(Int64(ContactStore.countMax))
            """
        ) { row in ErasureFindings.Contact(id: try row("id"), client: try row("client")) }
    }

    private static let name: SQL = "plain_words(last_name || ' ' || first_name)"

    private static func isReached(by phones: [String], _ emails: [String]) -> SQL {
        "(phone = ANY(\(phones)) OR lower(email) = ANY(\(emails)))"
    }
}
