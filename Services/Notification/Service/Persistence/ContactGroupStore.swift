import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A group and how many are in it.
struct ContactGroup: Sendable {
    let name: GroupName
    let members: Int64
}

/// Some contacts are in as many groups as there may be.
struct FullContacts: Error {
    /// Where they stand in the request, from nought on.
    let places: [Int]
}

/// Groups of contacts, which are there as long as somebody is in them (NOT-5).
///
/// Nil for `clinics` stands for all of them: whoever acts for some clinics sees and moves their contacts alone.
struct ContactGroupStore {
    func list(
        of organisation: OrganisationID, clinics: [ClinicID]?, _ transaction: inout PostgresTransaction
    ) throws -> [ContactGroup] {
        try transaction.query(
            """
            SELECT name, count(*) AS members FROM contact, unnest(groups) AS name
            WHERE organisation = \(organisation) AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            GROUP BY name ORDER BY name COLLATE "C"
            """
        ) { row in
            let (name, members): (String, Int64) = (try row("name"), try row("members"))
            return GroupName(name).map { ContactGroup(name: $0, members: members) }
        }.compactMap(\.self)
    }

    /// Puts contacts into a group, all or none; answers how many were not in it.
    func add(
        _ contacts: [ContactID], to group: GroupName, clinics: [ClinicID]?, in change: inout Change
    ) throws -> Int {
        let added = try change.execute(
            """
            UPDATE contact SET version = version + 1,
                groups = ARRAY(SELECT name FROM unnest(groups || \(group.text)::text) AS name ORDER BY name COLLATE "C")
            WHERE organisation = \(change.cause.organisation) AND id = ANY(\(contacts))
                AND NOT groups @> ARRAY[\(group.text)]::text[] AND cardinality(groups) < \(ContactDetails.groupsMax)
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            """)
        // Whoever is not in it by now: a campaign to the group would leave them out, and nobody would know.
        let full = try change.query(
            """
            SELECT place FROM unnest(\(contacts)::uuid[]) WITH ORDINALITY AS told (id, place)
                JOIN contact ON contact.id = told.id
            WHERE organisation = \(change.cause.organisation) AND NOT groups @> ARRAY[\(group.text)]::text[]
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            ORDER BY place
            """
        ) { row in
            let place: Int = try row("place")
            return place - 1
        }
        if !full.isEmpty { throw FullContacts(places: full) }
        return added
    }

    /// Takes contacts out of a group, nil for all of them; answers how many were in it.
    func remove(
        _ contacts: [ContactID]?, from group: GroupName, clinics: [ClinicID]?, in change: inout Change
    ) throws -> Int {
        try change.execute(
            """
            UPDATE contact SET version = version + 1, groups = array_remove(groups, \(group.text))
            WHERE organisation = \(change.cause.organisation) AND groups @> ARRAY[\(group.text)]::text[]
                AND (\(contacts)::uuid[] IS NULL OR id = ANY(\(contacts)))
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            """)
    }

    /// Gives a group another name and answers how many moved.
    ///
    /// One that is there already takes its members in.
    func rename(
        _ group: GroupName, to name: GroupName, clinics: [ClinicID]?, in change: inout Change
    ) throws -> Int {
        try change.execute(
            """
            UPDATE contact SET version = version + 1,
                groups = ARRAY(
                    SELECT DISTINCT name COLLATE "C" FROM unnest(array_replace(groups, \(group.text), \(name.text)))
                        AS name ORDER BY 1)
            WHERE organisation = \(change.cause.organisation) AND groups @> ARRAY[\(group.text)]::text[]
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            """)
    }
}
