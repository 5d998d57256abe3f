import HTTPServer
import InvoicingDomain
import PaymentModel
import PhoneNumbers
import ServiceRuntime
import TransactionalMessaging

/// What the till needs: what a client owes, and taking money for it (INV-7).
struct TillRoutes {
    let database: Database
    let collect: CollectPayment
    let clients = ClientStore()
    let debts = DebtList()

    var routes: [Route] {
        [
            Route(
                .get, "/v1/clients/{clientID}/debts", operation: "listDebts",
                access: .roles([.manager, .frontDesk, .accountant], scope: "invoices:read"), listDebts),
            Route(
                .post, "/v1/collections", operation: "collectPayment",
                access: .roles([.manager, .frontDesk], scope: "invoices:write"), idempotency: .required, take),
        ]
    }

    @Sendable private func listDebts(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        let page = try request.readQuery { fields in fields.debtPage() }
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            guard try clients.find(id, of: organisation, in: &transaction) != nil else { throw NotFound.client(id) }
            return try debts.open(
                of: id, in: organisation, at: clinics, after: page.last ?? .first, rows: page.rows, &transaction)
        }
        return try .json(.ok, Page(found.map(DebtAnswer.init), of: page, key: \.cursor))
    }

    @Sendable private func take(_ request: Request) async throws -> Response {
        let collection = try request.read { fields in Collection(fields) }
        try request.principal.require(collection.clinic)
        let applied = try await collect.run(
            collection, for: request.principal.clinics, because: request.cause())
        return try .json(.created, applied.answer).tagged(applied.answer.version)
    }
}

extension Fields {
    /// The page that is asked for of a list of debts.
    func debtPage() -> PageRequest<DebtList.Place> {
        page { keys in
            guard keys.count == 2, let day = LocalDate(keys[0]), let id = SubjectID(keys[1]) else { return nil }
            return DebtList.Place(dueOn: day, id: id.value)
        }
    }
}

extension DebtAnswer {
    fileprivate var cursor: Cursor {
        Cursor([dueOn.description, invoiceID?.description ?? receivableID?.description ?? ""])
    }
}

extension Collection {
    fileprivate init(_ fields: Fields) {
        self.init(
            whose: Whose(fields), clinic: fields.id("clinicID"), method: fields.string("method", max: 40),
            amount: fields.money("amount"), collectedOn: fields.localDate("collectedOn"),
            collectedBy: fields.optionalString("collectedBy", max: 100), payer: Payer(fields),
            tendered: fields.optionalMoney("tendered"),
            cheque: fields.optionalObject("cheque").map { Cheque($0) },
            notes: fields.optionalString("notes", max: 1_000, .lines), wish: AllocationWish(fields))
    }
}

extension Collection.Whose {
    fileprivate init(_ fields: Fields) {
        let client = fields.optionalID("clientID", of: ClientID.self)
        let phone = fields.optionalString("phone", max: PhoneNumbers.textMax)
        if (client == nil) == (phone == nil) {
            fields.refuse(
                "clientID", reason: "It has to be clear whose debts are paid.",
                remedy: "Give either clientID or phone.")
        }
        self = client.map(Self.client) ?? phone.map(Self.phone) ?? .client(ClientID(0))
    }
}

extension Payer {
    fileprivate init(_ fields: Fields) {
        guard let payer = fields.optionalObject("payer") else {
            self = .theClient
            return
        }
        let client = payer.optionalID("clientID", of: ClientID.self)
        let name = payer.optionalString("name")
        if (client == nil) == (name == nil) {
            payer.refuse(
                "name", reason: "One payer hands the money over.", remedy: "Give either clientID or name.")
        }
        self = client.map(Self.anotherClient) ?? .somebody(name: name ?? "")
    }
}

extension Cheque {
    fileprivate init(_ fields: Fields) {
        self.init(
            number: fields.string("number", max: 40), bank: fields.optionalString("bank", max: 100),
            drawer: fields.optionalString("drawer", max: 100))
    }
}
