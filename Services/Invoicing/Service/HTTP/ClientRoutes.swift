import HTTPServer
import InvoicingDomain
import PaymentModel
import PhoneNumbers
import ServiceRuntime
import TransactionalMessaging

/// Clients and their accounts (INV-1, INV-10).
struct ClientRoutes {
    let database: Database
    let keep: KeepClient
    let clients = ClientStore()
    let search = ClientSearchStore()
    let accounts = AccountStore()
    let phones = ReadPhone()

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "clients:read")
        let writing = Access.roles([.manager, .frontDesk], scope: "clients:write")
        return [
            Route(
                .post, "/v1/clients", operation: "createClient", access: writing, idempotency: .required, create),
            Route(
                .get, "/v1/clients", operation: "listClients",
                access: .roles([.manager, .frontDesk, .accountant, .service], scope: "clients:read"), list),
            Route(
                .get, "/v1/clients/{clientID}", operation: "getClient",
                access: .roles([.manager, .frontDesk, .accountant, .service], scope: "clients:read"), get),
            Route(.put, "/v1/clients/{clientID}", operation: "putClient", access: writing, put),
            Route(.get, "/v1/clients/{clientID}/account", operation: "getAccount", access: reading, account),
            Route(
                .get, "/v1/clients/{clientID}/statement", operation: "getStatement", access: reading, statement),
        ]
    }

    @Sendable private func create(_ request: Request) async throws -> Response {
        let (clinic, typed) = try request.read { fields in
            (fields.id("clinicID", of: ClinicID.self), Typed<ClientDetails>(fields))
        }
        try request.principal.require(clinic)
        let applied = try await keep.create(typed, at: clinic, because: request.cause())
        return try .json(.created, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        let typed = try request.read { fields in Typed<ClientDetails>(fields) }
        let applied = try await keep.change(
            id, to: typed, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        let organisation = try request.organisation
        do {
            let found = try await database.read(organisation: organisation) { transaction in
                try clients.find(id, of: organisation, in: &transaction)
            }
            guard let found else { throw NotFound.client(id) }
            return try .json(.ok, ClientAnswer(found)).tagged(found.version)
        } catch let merged as ClientMerged {
            return try .json(.movedPermanently, MergedAnswer(mergedInto: merged.into))
                .with("Location", "/v1/clients/\(merged.into)")
        }
    }

    /// All clients, newest first, those a phone number is of, or those that a search finds.
    @Sendable private func list(_ request: Request) async throws -> Response {
        let (page, phone, wanted) = try request.readQuery { fields in
            (
                fields.page(by: ClientID.self), fields.optionalString("phone", max: PhoneNumbers.textMax),
                fields.search()
            )
        }
        let organisation = try request.organisation
        let listed = try await database.read(organisation: organisation) { transaction in
            let meant = try phone.map { try phones.all($0, of: organisation, in: &transaction) }
            if let wanted {
                return try search.clients(
                    by: wanted, meant, of: organisation, after: page.last, rows: page.rows, &transaction)
            }
            return try clients.list(of: organisation, phones: meant, before: page.before, rows: page.rows, &transaction)
        }
        return try .json(.ok, Page(listed.map(ClientAnswer.init), of: page, id: \.id))
    }

    @Sendable private func account(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            guard try clients.find(id, of: organisation, in: &transaction) != nil else { throw NotFound.client(id) }
            return try accounts.account(of: id, in: .eur, &transaction)
        }
        return try .json(.ok, found)
    }

    @Sendable private func statement(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        let organisation = try request.organisation
        let (from, to) = try request.readQuery { fields in
            fields.period()
        }
        let found = try await database.read(organisation: organisation) { transaction in
            guard try clients.find(id, of: organisation, in: &transaction) != nil else { throw NotFound.client(id) }
            return try accounts.statement(of: id, in: .eur, from: from, to: to, &transaction)
        }
        return try .json(.ok, StatementAnswer(found, of: id, from: from, to: to))
    }
}

extension Fields {
    /// What somebody typed to find a client.
    fileprivate func search() -> ClientSearch? {
        optionalText("search", max: 100, remedy: "Give at least one letter or digit.", ClientSearch.init)
    }
}

extension Typed<ClientDetails> {
    /// What a request says of a client; one nobody can reach can still be billed, and files bring some of whom they say
    /// no more than the last name.
    fileprivate init(_ fields: Fields) {
        let phone = fields.optionalString("phone", max: PhoneNumbers.textMax)
        let details = ClientDetails(
            lastName: fields.string("lastName", max: 100),
            firstName: fields.optionalString("firstName", max: 100) ?? "",
            email: fields.optionalEmail("email"),
            language: fields.optionalEnumeration("language") ?? .french,
            town: fields.optionalString("town", max: 100) ?? "",
            country: fields.optionalCountry("country") ?? "FR",
            reference: fields.optionalString("reference", max: 100))
        self.init(details: details, phone: phone)
    }
}
