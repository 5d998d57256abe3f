import Logging
import NotificationChannels
import NotificationDomain
import Observability
import PaymentModel
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// Finds out which entries of the directory are clients of the books, so that who is forgotten there is forgotten here.
///
/// Nothing of a client is kept but which entry it is: events carry no numbers, so invoicing is asked. A question that
/// cannot be answered is put off and holds up no other.
struct LinkContacts {
    let database: Database
    let invoicing: AskOwner
    let ids: IdentifierSource
    let share: ShareWithdrawals
    let logger: Logger
    let links = LinkStore()
    let forgotten = ForgottenClientStore()
    /// How many entries, and how many clients, one run asks about.
    static let batchMax = 200
    /// After so many questions without an answer invoicing is away.
    static let failuresMax = 10

    /// False when there was nobody to ask about, or nobody answered.
    func run() async throws -> Bool {
        let (unknown, noted) = try await database.read(organisation: nil) { transaction in
            (try links.unknown(Self.batchMax, &transaction), try links.noted(Self.batchMax, &transaction))
        }
        var (answered, failures) = (0, 0)
        for contact in unknown where failures < Self.failuresMax {
            if try await link(contact) { answered += 1 } else { failures += 1 }
        }
        for client in noted where failures < Self.failuresMax {
            if try await link(client) { answered += 1 } else { failures += 1 }
        }
        return answered > 0
    }

    // MARK: Entries

    private func link(_ contact: UnknownContact) async throws -> Bool {
        let found: ClientID?
        do throws(OwnerUnavailable) {
            found = try await client(of: contact)
        } catch {
            warn(error)
            try await database.maintain(organisation: nil) { transaction in links.putOff(contact, &transaction) }
            return false
        }
        guard let found else {
            try await database.maintain(organisation: nil) { transaction in links.answer(contact, &transaction) }
            return true
        }
        try await database.change(because: cause(of: found, contact.organisation)) { change in
            forgotten.awaitTurn(of: [found], in: &change)
            guard try links.link(contact, to: found, in: &change) else { return }
            try share.run(among: found, in: &change)
        }
        return true
    }

    private struct Found: Decodable {
        struct Client: Decodable {
            let id: ClientID
            let email: String?
        }
        let items: [Client]
    }

    private func client(of contact: UnknownContact) async throws(OwnerUnavailable) -> ClientID? {
        do throws(OwnerUnavailable) {
            if let phone = contact.phone { return try await ask("phone=\(Escaping.percent(phone))", contact).first?.id }
            guard let email = contact.email?.lowercased() else { return nil }
            return try await ask("limit=200&search=\(Escaping.percent(email))", contact)
                .first { $0.email?.lowercased() == email }?.id
        } catch {
            // What invoicing can read no number in is no client's there.
            guard error.isFinal || error.status == 422 else { throw error }
            return nil
        }
    }

    private func ask(
        _ query: String, _ contact: UnknownContact
    ) async throws(OwnerUnavailable) -> [Found.Client] {
        let found: Found = try await invoicing.read(
            "/v1/clients?\(query)", in: contact.organisation, bytesMax: 1 << 20)
        return found.items
    }

    // MARK: Clients

    private struct Reach: Decodable {
        let phone: String?
        let email: String?
    }

    private func link(_ client: NotedClient) async throws -> Bool {
        let reach: Reach?
        do throws(OwnerUnavailable) {
            reach = try await self.reach(client)
        } catch {
            warn(error)
            try await database.maintain(organisation: nil) { transaction in links.putOff(client, &transaction) }
            return false
        }
        try await database.change(because: cause(of: client.id, client.organisation)) { [reach] change in
            forgotten.awaitTurn(of: [client.id], in: &change)
            if let reach, try links.link(client, phone: reach.phone, email: reach.email, in: &change) {
                try share.run(among: client.id, in: &change)
            }
            links.settle(client, &change.transaction)
        }
        return true
    }

    private func reach(_ client: NotedClient) async throws(OwnerUnavailable) -> Reach? {
        do throws(OwnerUnavailable) {
            return try await invoicing.read("/v1/clients/\(client.id)", in: client.organisation)
        } catch {
            // Merged or erased since: nothing of that client is anybody's here.
            guard error.isFinal || error.status == 301 else { throw error }
            return nil
        }
    }

    private func cause(of client: ClientID, _ organisation: OrganisationID) -> Cause {
        .step(
            "link-contacts", by: "link-contacts", for: organisation, correlation: CorrelationID(client.value), ids)
    }

    private func warn(_ error: OwnerUnavailable) {
        // Nobody waits for it: it is asked again in a while.
        logger.warning("the directory waits for invoicing", metadata: [LogField.reason: "\(error.reason)"])
    }
}
