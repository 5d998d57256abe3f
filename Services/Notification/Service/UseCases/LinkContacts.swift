import Logging
import NotificationDomain
import Observability
import PaymentModel
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// Finds out which entries of the directory are clients of the books, so that who is forgotten there is forgotten here.
///
/// Nothing of a client is kept but which entry it is: events carry no numbers, so invoicing is asked.
struct LinkContacts {
    let database: Database
    let invoicing: AskOwner
    let logger: Logger
    let links = LinkStore()
    /// How many entries, and how many clients, one run asks about.
    static let batchMax = 200

    /// False when there was nobody to ask about.
    func run() async throws -> Bool {
        let (unknown, noted) = try await database.read(organisation: nil) { transaction in
            (try links.unknown(Self.batchMax, &transaction), try links.noted(Self.batchMax, &transaction))
        }
        do throws(OwnerUnavailable) {
            for contact in unknown { try await ask(contact) }
            for (client, organisation) in noted { try await ask(client, of: organisation) }
        } catch {
            // Nobody waits for it: the next run asks again.
            logger.warning("the directory waits for invoicing", metadata: [LogField.reason: "\(error.reason)"])
            return false
        }
        return !unknown.isEmpty || !noted.isEmpty
    }

    private struct Found: Decodable {
        struct Client: Decodable { let id: ClientID }
        let items: [Client]
    }

    private func ask(_ contact: UnknownContact) async throws(OwnerUnavailable) {
        let path = "/v1/clients?phone=%2B\(contact.phone.dropFirst())"
        let found: Found = try await invoicing.read(path, in: contact.organisation)
        try await write { transaction in
            links.answer(contact, with: found.items.first?.id, &transaction)
        }
    }

    private struct Reach: Decodable {
        let phone: String?
        let email: String?
    }

    private func ask(_ client: ClientID, of organisation: OrganisationID) async throws(OwnerUnavailable) {
        var reach: Reach?
        do throws(OwnerUnavailable) {
            reach = try await invoicing.read("/v1/clients/\(client)", in: organisation)
        } catch {
            // Merged or erased since: nothing of that client is anybody's here.
            guard error.isFinal else { throw error }
        }
        try await write { [reach] transaction in
            links.link(client, of: organisation, phone: reach?.phone, email: reach?.email, &transaction)
        }
    }

    private func write(
        _ body: @escaping @Sendable (inout PostgresTransaction) -> Void
    ) async throws(OwnerUnavailable) {
        do {
            try await database.maintain(organisation: nil) { transaction in body(&transaction) }
        } catch {
            throw OwnerUnavailable(reason: "\(type(of: error))")
        }
    }
}
