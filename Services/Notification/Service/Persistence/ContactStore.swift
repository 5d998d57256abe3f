import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// An entry of the directory.
struct ContactRecord: Sendable {
    let id: ContactID
    var details: ContactDetails
    var version: Int64 = 1
}

/// Which contacts are asked for; nil is any.
struct ContactFilter: Sendable {
    /// The clinics the caller acts for.
    let clinics: [ClinicID]?
    var group: GroupName?
    /// Parts of the name, the address or the number, in any order.
    var text: String?
    /// The numbers the text may be; none where it is no number.
    var phones: Set<Phone> = []
}

/// Some ids of a request are of nobody in the directory.
struct UnknownContacts: Error {
    /// The field of the request.
    let field: String
    /// Where they stand in it, from nought on.
    let places: [Int]
}

/// The directory of an organisation (NOT-5).
struct ContactStore {
    func insert(_ contact: ContactRecord, in change: inout Change) throws {
        try insert([contact], in: &change)
    }

    /// Many at once, in one statement.
    func insert(_ contacts: [ContactRecord], in change: inout Change) throws {
        let details = contacts.map(\.details)
        try change.execute(
            """
            INSERT INTO contact (id, organisation, clinic, client, last_name, first_name, phone, email, language, groups)
            SELECT id, \(change.cause.organisation), clinic, client, last_name, first_name, phone, email, language,
                string_to_array(groups, '|')
            FROM unnest(\(contacts.map(\.id))::uuid[], \(details.map(\.clinic))::uuid[],
                \(details.map(\.client))::uuid[], \(details.map(\.lastName))::text[],
                \(details.map(\.firstName))::text[], \(details.map { $0.phone?.e164 })::text[],
                \(details.map { $0.email?.text })::text[], \(details.map(\.language.rawValue))::text[],
                \(details.map(\.groupsText))::text[])
                AS told (id, clinic, client, last_name, first_name, phone, email, language, groups)
            """)
    }

    /// Many at once, in one statement.
    func update(_ contacts: [ContactRecord], in change: inout Change) throws {
        let details = contacts.map(\.details)
        try change.execute(
            """
            UPDATE contact SET clinic = told.clinic, client = told.client, last_name = told.last_name,
                first_name = told.first_name, phone = told.phone, email = told.email, language = told.language,
                groups = string_to_array(told.groups, '|'), version = contact.version + 1, asked_at = NULL,
                ask_after = NULL
            FROM unnest(\(contacts.map(\.id))::uuid[], \(details.map(\.clinic))::uuid[],
                \(details.map(\.client))::uuid[], \(details.map(\.lastName))::text[],
                \(details.map(\.firstName))::text[], \(details.map { $0.phone?.e164 })::text[],
                \(details.map { $0.email?.text })::text[], \(details.map(\.language.rawValue))::text[],
                \(details.map(\.groupsText))::text[])
                AS told (id, clinic, client, last_name, first_name, phone, email, language, groups)
            WHERE contact.id = told.id
            """)
    }

    /// Removes the person; nothing of ours has to keep it.
    func delete(_ id: ContactID, in change: inout Change) throws {
        change.executeLater("DELETE FROM contact WHERE id = \(id)")
    }

    func lock(_ id: ContactID, in change: inout Change) throws -> ContactRecord? {
        try change.first("SELECT \(Self.columns) FROM contact WHERE id = \(id) FOR UPDATE", read)
    }

    func find(
        _ id: ContactID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> ContactRecord? {
        try transaction.first(
            "SELECT \(Self.columns) FROM contact WHERE id = \(id) AND organisation = \(organisation)", read)
    }

    /// The same, and nobody removes the entry until the change ends.
    func keep(_ id: ContactID, of organisation: OrganisationID, in change: inout Change) throws -> ContactRecord? {
        try change.first(
            """
            SELECT \(Self.columns) FROM contact WHERE id = \(id) AND organisation = \(organisation) FOR KEY SHARE
            """, read)
    }

    /// Refuses a field with ids of nobody the caller sees, who would be passed over without a word.
    ///
    /// Nil for `clinics` stands for all of them; those `named` before may have left the directory since.
    func requireKnown(
        _ ids: [ContactID], in field: String, clinics: [ClinicID]? = nil, named: [ContactID] = [],
        _ change: inout Change
    ) throws {
        guard !ids.isEmpty else { return }
        let unknown = try change.query(
            """
            SELECT place FROM unnest(\(ids)::uuid[]) WITH ORDINALITY AS told (id, place)
            WHERE NOT EXISTS (SELECT FROM contact
                WHERE contact.id = told.id AND organisation = \(change.cause.organisation)
                    AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics))))
            ORDER BY place
            """
        ) { row in
            let place: Int = try row("place")
            return place - 1
        }
        let before = Set(named)
        let places = unknown.filter { !before.contains(ids[$0]) }
        if !places.isEmpty { throw UnknownContacts(field: field, places: places) }
    }

    /// The newest first.
    func list(
        of organisation: OrganisationID, _ wanted: ContactFilter, before id: ContactID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [ContactRecord] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM contact
            WHERE organisation = \(organisation) AND id < \(id) AND \(condition(wanted))
            ORDER BY id DESC LIMIT \(Int64(rows))
            """, read)
    }

    /// Locks those known by numbers, or by the addresses of those without one: nobody changes them under a file.
    ///
    /// The newest first, as files have them.
    func known(_ told: [ToldContact], in change: inout Change) throws -> [ContactRecord] {
        let phones = told.compactMap { $0.phone?.e164 }
        let addresses = told.filter { $0.phone == nil }.compactMap { $0.email?.text.lowercased() }
        let found = try change.query(
            """
            SELECT \(Self.columns) FROM contact WHERE organisation = \(change.cause.organisation)
                AND (phone = ANY(\(phones)) OR phone IS NULL AND lower(email) = ANY(\(addresses)))
            ORDER BY id FOR UPDATE
            """, read)
        return found.reversed()
    }

    /// Whole files of an organisation come one after the other: each would overtake the others.
    func awaitTurn(in change: inout Change) throws {
        change.executeLater(
            """
            SELECT pg_advisory_xact_lock(hashtext('contact-import'), hashtext(\(change.cause.organisation.description)))
            """)
    }

    private func condition(_ wanted: ContactFilter) -> SQL {
        var condition: SQL = "(\(wanted.clinics)::uuid[] IS NULL OR clinic = ANY(\(wanted.clinics)))"
        if let group = wanted.group { condition = "\(condition) AND groups @> ARRAY[\(group.text)]::text[]" }
        guard let text = wanted.text else { return condition }
        let phones = wanted.phones.map(\.e164)
        guard phones.isEmpty else { return "\(condition) AND phone = ANY(\(phones))" }
        return """
            \(condition) AND plain_words LIKE ALL (ARRAY(
                SELECT '%' || regexp_replace(word, '([\\\\%_])', '\\\\\\1', 'g') || '%'
                FROM regexp_split_to_table(plain_text(\(text)), '\\s+') AS word))
            """
    }

    private static let columns: SQL = """
        id, clinic, client, last_name, first_name, phone, email, language, groups, version
        """

    private func read(_ row: Row) throws -> ContactRecord {
        let (phone, email): (String?, String?) = (try row("phone"), try row("email"))
        let groups: [String] = try row("groups")
        return ContactRecord(
            id: try row("id"),
            details: ContactDetails(
                lastName: try row("last_name"), firstName: try row("first_name"),
                phone: phone.flatMap { Phone(e164: $0) }, email: email.flatMap { EmailAddress($0) },
                language: try row.word("language"), clinic: try row("clinic"), client: try row("client"),
                groups: groups.compactMap(GroupName.init)),
            version: try row("version"))
    }
}

extension ContactDetails {
    /// The groups as one text, for statements that bring many contacts; also as files have them.
    var groupsText: String { groups.map(\.text).joined(separator: String(GroupName.separator)) }
}
