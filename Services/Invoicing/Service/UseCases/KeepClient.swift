import PaymentModel
import TransactionalMessaging

/// Takes in a client, or changes what is known of one.
struct KeepClient {
    let database: Database
    let ids: IdentifierSource
    let clients = ClientStore()
    let organisations = OrganisationStore()

    func create(
        _ details: ClientDetails, at clinic: ClinicID, because cause: Cause
    ) async throws -> Applied<ClientAnswer> {
        let client = ClientRecord(id: ids.make(), clinic: clinic, details: details)
        return try await database.change(because: cause) { change in
            try insert(client, in: &change)
            return ClientAnswer(client)
        }
    }

    /// `version` is the one the person saw; another one means that somebody else was faster.
    func change(
        _ id: ClientID, to details: ClientDetails, seen version: Int64, because cause: Cause
    ) async throws -> Applied<ClientAnswer> {
        try await database.change(because: cause) { change in
            guard var client = try clients.lock(id, in: &change) else { throw NotFound.client(id) }
            guard client.version == version else { throw StaleVersion(current: client.version) }
            client.details = details
            client.version += 1
            try clients.update(id, to: details, in: &change)
            change.announce(client)
            return ClientAnswer(client)
        }
    }

    func insert(_ client: ClientRecord, in change: inout Change) throws {
        guard try organisations.hasClinic(client.clinic, in: &change) else { throw NotFound.clinic(client.clinic) }
        try clients.insert(client, in: &change)
        change.announce(client)
    }
}

/// Somebody else changed it since it was read.
struct StaleVersion: Error {
    let current: Int64
}
