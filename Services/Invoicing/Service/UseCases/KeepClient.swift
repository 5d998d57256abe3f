import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Takes in a client, or changes what is known of one.
struct KeepClient {
    let database: Database
    let ids: IdentifierSource
    let clients = ClientStore()
    let organisations = OrganisationStore()
    let phones = ReadPhone()
    private var audit: AuditStore { AuditStore(ids: ids) }

    func create(
        _ typed: Typed<ClientDetails>, at clinic: ClinicID, because cause: Cause
    ) async throws -> Applied<ClientAnswer> {
        let id: ClientID = ids.make()
        return try await sayingWhose(typed.phone, of: id, at: clinic, in: cause.organisation) {
            try await database.change(because: cause) { change in
                let details = try phones.run(typed, at: clinic, in: &change)
                try requireFree(details.phone, for: id, in: &change)
                let client = ClientRecord(id: id, clinic: clinic, details: details)
                try insert(client, in: &change)
                return ClientAnswer(client)
            }
        }
    }

    /// `version` is the one the person saw; another one means that somebody else was faster.
    func change(
        _ id: ClientID, to typed: Typed<ClientDetails>, seen version: Int64, because cause: Cause
    ) async throws -> Applied<ClientAnswer> {
        try await sayingWhose(typed.phone, of: id, at: nil, in: cause.organisation) {
            try await database.change(because: cause) { change in
                guard var client = try clients.lock(id, in: &change) else { throw NotFound.client(id) }
                guard client.version == version else { throw StaleVersion(current: client.version) }
                let before = ClientAnswer(client)
                client.details = try phones.run(typed, at: client.clinic, in: &change)
                try requireFree(client.details.phone, for: id, in: &change)
                client.version += 1
                try clients.update(id, to: client.details, in: &change)
                change.announce(client)
                let answer = ClientAnswer(client)
                try audit.record("client-changed", about: id, before: before, after: answer, in: &change)
                return answer
            }
        }
    }

    /// The number is another client's.
    struct PhoneTaken: Error {
        let by: ClientID
    }

    /// The database sees no other client who has the number in the way of before, which nobody comes to have anew.
    private func requireFree(_ phone: Phone?, for client: ClientID, in change: inout Change) throws {
        guard let phone, phone.waysKept.count > 1,
            let owner = try clients.find(reference: nil, phone: phone, in: &change), owner.id != client
        else { return }
        throw PhoneTaken(by: owner.id)
    }

    /// Looks up whose a number is that the database refused a second time, since it says no more than that.
    ///
    /// It is read as it was for the client, at its clinic, by default that of a client who is there: at another one the
    /// same digits may be somebody else's.
    private func sayingWhose(
        _ phone: String?, of client: ClientID, at clinic: ClinicID?, in organisation: OrganisationID,
        _ body: () async throws -> Applied<ClientAnswer>
    ) async throws -> Applied<ClientAnswer> {
        do {
            return try await body()
        } catch let error as PostgresError where error.isUniqueViolation(of: "client_phone_once") {
            guard let phone else { throw error }
            let owner: ClientID? = try await database.read(organisation: organisation) { transaction in
                var place = clinic
                if place == nil { place = try clients.find(client, of: organisation, in: &transaction)?.clinic }
                guard let place else { return nil }
                let number = try phones.run(phone, at: place, of: organisation, in: &transaction)
                return try clients.find(reference: nil, phone: number, of: organisation, in: &transaction)?.id
            }
            guard let owner else { throw error }
            throw PhoneTaken(by: owner)
        }
    }

    func insert(_ client: ClientRecord, in change: inout Change) throws {
        guard try organisations.hasClinic(client.clinic, in: &change) else { throw NotFound.clinic(client.clinic) }
        try clients.insert(client, in: &change)
        change.announce(client)
        try audit.record(
            "client-added", about: client.id, before: nil as ClientAnswer?, after: ClientAnswer(client), in: &change)
    }
}

/// Somebody else changed it since it was read.
struct StaleVersion: Error {
    let current: Int64
}
