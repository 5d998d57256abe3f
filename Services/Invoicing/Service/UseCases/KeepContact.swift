import PaymentModel
import PhoneNumbers
import TransactionalMessaging

/// Adds, changes and removes other people of a client's (INV-2).
struct KeepContact {
    let database: Database
    let ids: IdentifierSource
    let clients = ClientStore()
    let contacts = ContactStore()
    let phones = ReadPhone()
    private var audit: AuditStore { AuditStore(ids: ids) }

    /// A client has so many contacts at the most.
    struct TooMany: Error {}

    func add(
        _ typed: Typed<ContactDetails>, to client: ClientID, because cause: Cause
    ) async throws -> Applied<ContactAnswer> {
        let id: ContactID = ids.make()
        return try await database.change(because: cause) { change in
            // The client's lock lets nobody add beyond the limit meanwhile.
            guard let known = try clients.lock(client, in: &change) else { throw NotFound.client(client) }
            let others = try contacts.list(of: client, in: change.cause.organisation, &change.transaction)
            guard others.count < ContactStore.countMax else { throw TooMany() }
            let details = try phones.run(typed, at: known.clinic, in: &change)
            let contact = ContactRecord(id: id, client: client, details: details)
            try contacts.insert(contact, in: &change)
            return try note("contact-added", nil, contact, in: &change)
        }
    }

    func change(
        _ id: ContactID, of client: ClientID, to typed: Typed<ContactDetails>, seen version: Int64, because cause: Cause
    ) async throws -> Applied<ContactAnswer> {
        try await database.change(because: cause) { change in
            guard let known = try clients.lock(client, in: &change) else { throw NotFound.client(client) }
            var contact = try lock(id, of: client, seen: version, in: &change)
            let before = contact
            contact.details = try phones.run(typed, at: known.clinic, in: &change)
            contact.version += 1
            try contacts.update(contact, in: &change)
            return try note("contact-changed", before, contact, in: &change)
        }
    }

    func remove(_ id: ContactID, of client: ClientID, seen version: Int64, because cause: Cause) async throws {
        try await database.change(because: cause) { change in
            let contact = try lock(id, of: client, seen: version, in: &change)
            try contacts.delete(id, in: &change)
            try audit.record(
                "contact-removed", about: client, before: ContactAnswer(contact), after: nil as ContactAnswer?,
                in: &change)
        }
    }

    /// The trail is the client's: who looks for the client finds its contacts there.
    private func note(
        _ action: String, _ before: ContactRecord?, _ contact: ContactRecord, in change: inout Change
    ) throws -> ContactAnswer {
        let answer = ContactAnswer(contact)
        try audit.record(
            action, about: contact.client, before: before.map(ContactAnswer.init), after: answer, in: &change)
        return answer
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
    let phoneKind: PhoneKind?
    let email: String?
    let version: Int64

    init(_ contact: ContactRecord) {
        id = contact.id
        clientID = contact.client
        lastName = contact.details.lastName
        firstName = contact.details.firstName
        phone = contact.details.phone?.e164
        phoneKind = contact.details.phone.map(PhoneNumbers.kind)
        email = contact.details.email?.text
        version = contact.version
    }
}
