import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Another person of a client's, for payments in instalments (INV-2).
struct ContactRecord: Sendable {
    let id: ContactID
    let client: ClientID
    var details: ContactDetails
    var version: Int64 = 1
}

/// What a person can say and change about a contact; one of phone and e-mail is there.
struct ContactDetails: Sendable {
    let lastName: String
    let firstName: String
    var phone: Phone?
    let email: EmailAddress?
}

/// Contacts of clients.
struct ContactStore {
    /// The most contacts one client has.
    static let countMax = 50

    private static let columns: SQL = "id, client, last_name, first_name, phone, email, version"

    func insert(_ contact: ContactRecord, in change: inout Change) throws {
        let details = contact.details
        change.executeLater(
            """
            INSERT INTO client_contact (id, organisation, client, last_name, first_name, phone, email)
            VALUES (\(contact.id), \(change.cause.organisation), \(contact.client), \(details.lastName),
                \(details.firstName), \(details.phone?.e164), \(details.email?.text))
            """)
    }

    func update(_ contact: ContactRecord, in change: inout Change) throws {
        let details = contact.details
        change.executeLater(
            """
            UPDATE client_contact SET last_name = \(details.lastName), first_name = \(details.firstName),
                phone = \(details.phone?.e164), email = \(details.email?.text), version = version + 1
            WHERE id = \(contact.id)
            """)
    }

    /// Removes the person; nothing of ours has to keep it.
    func delete(_ id: ContactID, in change: inout Change) throws {
        change.executeLater("DELETE FROM client_contact WHERE id = \(id)")
    }

    func lock(_ id: ContactID, of client: ClientID, in change: inout Change) throws -> ContactRecord? {
        try change.first(
            """
            SELECT \(Self.columns) FROM client_contact
            WHERE id = \(id) AND client = \(client) AND organisation = \(change.cause.organisation) FOR UPDATE
            """, read)
    }

    /// All contacts of a client, oldest first.
    func list(
        of client: ClientID, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [ContactRecord] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM client_contact
            WHERE organisation = \(organisation) AND client = \(client)
            ORDER BY id LIMIT \(Int64(ContactStore.countMax))
            """, read)
    }

    private func read(_ row: Row) throws -> ContactRecord {
        let phone: String? = try row("phone")
        let email: String? = try row("email")
        return ContactRecord(
            id: try row("id"), client: try row("client"),
            details: ContactDetails(
                lastName: try row("last_name"), firstName: try row("first_name"),
                phone: phone.flatMap { Phone(e164: $0) }, email: email.flatMap { EmailAddress($0) }),
            version: try row("version"))
    }
}
