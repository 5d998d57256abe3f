import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Adds, changes and removes entries of the directory (NOT-5).
struct KeepContact {
    let database: Database
    let ids: IdentifierSource
    let share: ShareWithdrawals
    let contacts = ContactStore()

    func add(_ details: ContactDetails, because cause: Cause) async throws -> Applied<ContactKept> {
        let contact = ContactRecord(id: ids.make(), details: details)
        return try await database.change(because: cause) { change in
            try contacts.insert(contact, in: &change)
            if let client = details.client { try share.run(among: client, in: &change) }
            return ContactKept(contact)
        }
    }

    /// `version` is the one the person saw; `access` is what the person acts for.
    func change(
        _ id: ContactID, to details: ContactDetails, seen version: Int64, by access: ContactAccess,
        because cause: Cause
    ) async throws -> Applied<ContactKept> {
        try await database.change(because: cause) { change in
            var contact = try lock(id, seen: version, by: access, in: &change)
            let before = contact.details
            contact.details = details.keeping(clientOf: before)
            try contacts.update([contact], in: &change)
            let isNews = contact.details.client != before.client || contact.details.phone != before.phone
            if isNews, let client = contact.details.client { try share.run(among: client, in: &change) }
            contact.version += 1
            return ContactKept(contact)
        }
    }

    func remove(
        _ id: ContactID, seen version: Int64, by access: ContactAccess, because cause: Cause
    ) async throws {
        try await database.change(because: cause) { change in
            _ = try lock(id, seen: version, by: access, in: &change)
            try contacts.delete(id, in: &change)
        }
    }

    private func lock(
        _ id: ContactID, seen version: Int64, by access: ContactAccess, in change: inout Change
    ) throws -> ContactRecord {
        guard let contact = try contacts.lock(id, in: &change), access.includes(contact.details.clinic) else {
            throw NotFound.contact
        }
        guard contact.version == version else { throw StaleVersion(current: contact.version) }
        return contact
    }
}

/// What is remembered of a request about somebody, for its repetition; nothing personal.
struct ContactKept: Codable, Sendable {
    let id: ContactID
    let version: Int64

    init(_ contact: ContactRecord) {
        id = contact.id
        version = contact.version
    }
}

/// The clinics whose contacts somebody may touch; nil: all, and those of no clinic.
struct ContactAccess: Sendable {
    let clinics: [ClinicID]?

    func includes(_ clinic: ClinicID?) -> Bool {
        guard let clinics else { return true }
        return clinic.map { clinics.contains($0) } ?? false
    }
}
