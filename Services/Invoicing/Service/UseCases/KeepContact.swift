import PaymentModel
import TransactionalMessaging

/// Adds, changes and removes other people of a client's (INV-2).
struct KeepContact {
    let database: Database
    let ids: IdentifierSource
    let clients = ClientStore()
    let contacts = ContactStore()

    /// A client has so many contacts at the most.
    struct TooMany: Error {}

    func add(
        _ details: ContactDetails, to client: ClientID, because cause: Cause
    ) async throws -> Applied<ContactAnswer> {
        let contact = ContactRecord(id: ids.make(), client: client, details: details)
        return try await database.change(because: cause) { change in
            // The client's lock lets nobody add beyond the limit meanwhile.
            guard try clients.lock(client, in: &change) != nil else { throw NotFound.client(client) }
            let known = try contacts.list(of: client, in: change.cause.organisation, &change.transaction)
            guard known.count < ContactStore.countMax else { throw TooMany() }
            try contacts.insert(contact, in: &change)
            return ContactAnswer(contact)
        }
    }

    func change(
        _ id: ContactID, of client: ClientID, to details: ContactDetails, seen version: Int64, because cause: Cause
    ) async throws -> Applied<ContactAnswer> {
        try await database.change(because: cause) { change in
            var contact = try lock(id, of: client, seen: version, in: &change)
            contact.details = details
            contact.version += 1
            try contacts.update(contact, in: &change)
            return ContactAnswer(contact)
        }
    }

    func remove(_ id: ContactID, of client: ClientID, seen version: Int64, because cause: Cause) async throws {
        try await database.change(because: cause) { change in
            _ = try lock(id, of: client, seen: version, in: &change)
            try contacts.delete(id, in: &change)
        }
    }

    private func lock(
        _ id: ContactID, of client: ClientID, seen version: Int64, in change: inout Change
    ) throws -> ContactRecord {
        guard let contact = try contacts.lock(id, of: client, in: &change) else { throw NotFound.contact(id) }
        guard contact.version == version else { throw StaleVersion(current: contact.version) }
        return contact
    }
}

/// A contact of a client's as the API shows it.
struct ContactAnswer: Codable, Sendable {
    let id: ContactID
    let clientID: ClientID
    let lastName: String
    let firstName: String
    let phone: String?
    let email: String?
    let version: Int64

    init(_ contact: ContactRecord) {
        id = contact.id
        clientID = contact.client
        lastName = contact.details.lastName
        firstName = contact.details.firstName
        phone = contact.details.phone?.e164
        email = contact.details.email?.text
        version = contact.version
    }
}
