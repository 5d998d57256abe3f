import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A client as a clinic knows it.
struct ClientRecord: Sendable, Equatable {
    let id: ClientID
    let clinic: ClinicID
    var details: ClientDetails
    /// Nobody asks for what is late until this day has passed.
    var dunningPausedUntil: LocalDate?
    var version: Int64 = 1
    /// What documents call it by; it is read from its billing details, and saved with them.
    var company: String?
}

/// What a person can say and change about a client.
struct ClientDetails: Sendable, Equatable {
    var lastName: String
    var firstName: String
    var phone: Phone?
    var email: EmailAddress?
    var language: Language
    var town: String
    /// ISO 3166-1 alpha-2.
    var country: String
    /// In the practice's own software.
    var reference: String?
}

/// Clients of an organisation.
struct ClientStore {
    static let columns: SQL = """
        id, clinic, last_name, first_name, phone, email, language, town, country, reference, dunning_paused_until,
        version, merged_into, erased_on,
        (SELECT company FROM billing_details WHERE billing_details.client = client.id) AS company
        """

    func insert(_ client: ClientRecord, in change: inout Change) throws {
        let details = client.details
        change.executeLater(
            """
            INSERT INTO client (id, organisation, clinic, last_name, first_name, phone, email, language, town, country,
                reference)
            VALUES (\(client.id), \(change.cause.organisation), \(client.clinic), \(details.lastName),
                \(details.firstName), \(details.phone?.e164), \(details.email?.text), \(details.language.rawValue),
                \(details.town), \(details.country), \(details.reference))
            """)
    }

    func update(_ id: ClientID, to details: ClientDetails, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE client SET last_name = \(details.lastName), first_name = \(details.firstName),
                phone = \(details.phone?.e164), email = \(details.email?.text),
                language = \(details.language.rawValue), town = \(details.town), country = \(details.country),
                reference = \(details.reference), version = version + 1
            WHERE id = \(id)
            """)
    }

    /// Saves how a client is reached and whether it is asked.
    func save(_ client: ClientRecord, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE client SET phone = \(client.details.phone?.e164), email = \(client.details.email?.text),
                dunning_paused_until = \(client.dunningPausedUntil), version = version + 1
            WHERE id = \(client.id)
            """)
    }

    func pauseDunning(of id: ClientID, until day: LocalDate?, in change: inout Change) throws {
        change.executeLater(
            "UPDATE client SET dunning_paused_until = \(day), version = version + 1 WHERE id = \(id)")
    }

    func lock(_ id: ClientID, in change: inout Change) throws -> ClientRecord? {
        try change.read(locking(id, change.cause.organisation))
    }

    /// Locks a client until the change ends; nil when there is none.
    func locking(_ id: ClientID, _ organisation: OrganisationID) -> Query<ClientRecord?> {
        .first(
            "SELECT \(Self.columns) FROM client WHERE id = \(id) AND organisation = \(organisation) FOR UPDATE", read)
    }

    /// Locks two clients in the order of their ids, as everybody does who needs both.
    func lock(
        _ first: ClientID, and second: ClientID, in change: inout Change
    ) throws -> (ClientRecord, ClientRecord) {
        let organisation = change.cause.organisation
        let (early, late) = first.value < second.value ? (first, second) : (second, first)
        let found = try change.read(locking(early, organisation), locking(late, organisation))
        guard let one = found.0 else { throw NotFound.client(early) }
        guard let two = found.1 else { throw NotFound.client(late) }
        return first == early ? (one, two) : (two, one)
    }

    /// Whether there is such a client; it stays as it is until the change ends.
    func has(_ id: ClientID, in change: inout Change) throws -> Bool {
        guard let standing = try change.read(standing(of: id, change.cause.organisation)) else { return false }
        try standing.requirePresent()
        return true
    }

    /// Whether a client is still there, which it stays until the change ends.
    func standing(of id: ClientID, _ organisation: OrganisationID) -> Query<ClientStanding?> {
        .first(
            """
            SELECT id, merged_into, erased_on FROM client
            WHERE id = \(id) AND organisation = \(organisation) FOR KEY SHARE
            """, ClientStanding.init)
    }

    /// The same of whom an invoice is owed by.
    func standing(owing invoice: InvoiceID, _ organisation: OrganisationID) -> Query<ClientStanding?> {
        .first(
            """
            SELECT id, merged_into, erased_on FROM client
            WHERE id = (SELECT client FROM invoice WHERE id = \(invoice) AND organisation = \(organisation))
            FOR KEY SHARE
            """, ClientStanding.init)
    }

    /// The client that has what a client had, which stays so until the change ends.
    func current(_ found: ClientStanding?, of id: ClientID, in change: inout Change) throws -> ClientID {
        guard var standing = found else { throw NotFound.client(id) }
        while let other = standing.mergedInto {
            guard let next = try change.read(self.standing(of: other, change.cause.organisation)) else { break }
            standing = next
        }
        return standing.client
    }

    func find(
        _ id: ClientID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> ClientRecord? {
        try transaction.first(
            "SELECT \(Self.columns) FROM client WHERE id = \(id) AND organisation = \(organisation)", read)
    }

    /// What a client is called, whoever it became.
    func name(
        of id: ClientID, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> String? {
        try transaction.first(
            """
            SELECT trim(first_name || ' ' || last_name) AS name FROM client
            WHERE id = \(id) AND organisation = \(organisation) AND erased_on IS NULL
            """
        ) { row in try row("name") }
    }

    /// The language to write in, of whoever is or was there.
    func language(
        of id: ClientID, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> Language {
        try transaction.first(
            "SELECT language FROM client WHERE id = \(id) AND organisation = \(organisation)"
        ) { row in Language(rawValue: try row("language")) ?? .french } ?? .french
    }

    /// Clients who are there; only those with one of the phone numbers, their own or a contact's, when they are given,
    /// also as they were kept before: two clients that have one number, each in one way, are seen to be one person.
    ///
    /// Both are looked up before the clients are: an OR of the two would have every client read.
    static func present(of organisation: OrganisationID, phones: [Phone]?) -> SQL {
        let present: SQL = "organisation = \(organisation) AND merged_into IS NULL AND erased_on IS NULL"
        guard let numbers = phones?.flatMap(\.waysKept) else { return present }
        return """
            \(present) AND id = ANY(ARRAY(
                SELECT owner.id FROM client AS owner
                WHERE owner.organisation = \(organisation) AND owner.phone = ANY(\(numbers))
                UNION ALL SELECT contact.client FROM client_contact AS contact
                WHERE contact.organisation = \(organisation) AND contact.phone = ANY(\(numbers))))
            """
    }

    /// Such clients before an id, newest first.
    func list(
        of organisation: OrganisationID, phones: [Phone]?, before: ClientID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [ClientRecord] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM client
            WHERE id < \(before) AND \(Self.present(of: organisation, phones: phones))
            ORDER BY id DESC LIMIT \(Int64(rows))
            """, read)
    }

    /// The client a practice's own reference or phone stands for, the one who has the number as it is read by now
    /// before one who has it in the way of before.
    func find(
        reference: String?, phone: Phone?, in change: inout Change
    ) throws -> ClientRecord? {
        try find(reference: reference, phone: phone, of: change.cause.organisation, in: &change.transaction)
    }

    func find(
        reference: String?, phone: Phone?, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> ClientRecord? {
        try transaction.first(
            """
            SELECT \(Self.columns) FROM client WHERE id = (
                SELECT coalesce(merged_into, id) FROM client WHERE organisation = \(organisation)
                    AND (reference = \(reference) OR phone = ANY(\(phone?.waysKept ?? [])))
                ORDER BY reference = \(reference) DESC NULLS LAST, phone = \(phone?.e164) DESC NULLS LAST, id LIMIT 1)
            """, read)
    }

    /// On what day whom a practice's own reference stood for was forgotten; nil where nobody was.
    func erasure(of reference: String, in change: inout Change) throws -> LocalDate? {
        try erasure(of: reference, in: change.cause.organisation, &change.transaction)
    }

    func erasure(
        of reference: String, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> LocalDate? {
        try transaction.first(
            """
            SELECT erased_on FROM client
            WHERE organisation = \(organisation)
                AND erased_reference = \(Self.digest(of: "\(reference)::text", in: "\(organisation)::uuid"))
            ORDER BY erased_on DESC LIMIT 1
            """
        ) { row in try row("erased_on") }
    }

    /// What is kept of a reference whose client was forgotten; no two organisations have the same of one.
    static func digest(of reference: SQL, in organisation: SQL) -> SQL {
        "sha256(convert_to(\(organisation)::text || chr(31) || \(reference), 'UTF8'))"
    }

    func read(_ row: Row) throws -> ClientRecord {
        try ClientStanding(row).requirePresent()
        let phone: String? = try row("phone")
        let email: String? = try row("email")
        return ClientRecord(
            id: try row("id"), clinic: try row("clinic"),
            details: ClientDetails(
                lastName: try row("last_name"), firstName: try row("first_name"),
                phone: phone.flatMap { Phone(e164: $0) }, email: email.flatMap { EmailAddress($0) },
                language: Language(rawValue: try row("language")) ?? .french, town: try row("town"),
                country: try row("country"), reference: try row("reference")),
            dunningPausedUntil: try row("dunning_paused_until"), version: try row("version"),
            company: try row("company"))
    }
}
