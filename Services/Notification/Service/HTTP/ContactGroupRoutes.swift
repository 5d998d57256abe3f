import HTTPServer
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Groups of contacts (NOT-5).
struct ContactGroupRoutes {
    let database: Database
    let contacts = ContactStore()
    let groups = ContactGroupStore()
    /// The most contacts of one request.
    private static let contactsMax = 1_000

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk], scope: "contacts:read")
        let writing = Access.roles([.manager, .frontDesk], scope: "contacts:write")
        let one = "/v1/contact-groups/{group}"
        return [
            Route(.get, "/v1/contact-groups", operation: "listContactGroups", access: reading, list),
            Route(.put, one, operation: "renameContactGroup", access: writing, rename),
            Route(.delete, one, operation: "dissolveContactGroup", access: writing, dissolve),
            Route(.put, "\(one)/members", operation: "changeContactGroup", access: writing, changeMembers),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try groups.list(of: principal.organisation, clinics: principal.clinics.list, &transaction)
        }
        return try .json(.ok, ["items": found.map(ContactGroupAnswer.init)])
    }

    @Sendable private func rename(_ request: Request) async throws -> Response {
        guard let name = try request.read({ fields in fields.groupName("name") }) else { throw NotFound.group }
        return try await change(request) { group, clinics, change in
            let moved = try groups.rename(group, to: name, clinics: clinics, in: &change)
            guard moved > 0 else { throw NotFound.group }
            return moved
        }
    }

    @Sendable private func dissolve(_ request: Request) async throws -> Response {
        try await change(request) { group, clinics, change in
            try groups.remove(nil, from: group, clinics: clinics, in: &change)
        }
    }

    @Sendable private func changeMembers(_ request: Request) async throws -> Response {
        let (added, removed): ([ContactID], [ContactID]) = try request.read { fields in
            (
                fields.optionalIDs("add", Self.contactsMax) ?? [],
                fields.optionalIDs("remove", Self.contactsMax) ?? []
            )
        }
        // Its first member makes a group, whose name is new then; one that is kept can be left, whatever is in it.
        if !added.isEmpty { _ = try request.readPath { fields in fields.groupName("group") } }
        return try await change(request) { group, clinics, change in
            try contacts.requireKnown(added, in: "add", clinics: clinics, &change)
            try contacts.requireKnown(removed, in: "remove", clinics: clinics, &change)
            return try groups.add(added, to: group, clinics: clinics, in: &change)
                + groups.remove(removed, from: group, clinics: clinics, in: &change)
        }
    }

    /// Done again it finds nothing left to do, or no such group to rename: none of these needs a key.
    private func change(
        _ request: Request,
        _ body: @escaping @Sendable (GroupName, [ClinicID]?, inout Change) throws -> Int
    ) async throws -> Response {
        guard let group = GroupName(try request.pathText("group")) else { throw NotFound.group }
        let clinics = try request.principal.clinics.list
        let applied = try await database.change(because: try request.cause()) { change in
            ContactsMoved(contacts: try body(group, clinics, &change))
        }
        return try .json(.ok, applied.answer)
    }
}
