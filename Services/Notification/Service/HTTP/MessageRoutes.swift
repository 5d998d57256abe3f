import HTTPServer
import NotificationDomain
import PaymentModel
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// What became of the messages (NOT-10).
struct MessageRoutes {
    let database: Database
    let lateAfter: Duration
    let settle: SettleMessage
    let messages = MessageStore()

    var routes: [Route] {
        let access = Access.roles([.manager, .frontDesk, .accountant], scope: "messages:read")
        return [
            Route(.get, "/v1/messages", operation: "listMessages", access: access, list),
            Route(.get, "/v1/messages/{messageID}", operation: "getMessage", access: access, get),
            Route(.get, "/v1/messages/{messageID}/text", operation: "getMessageText", access: access, text),
            Route(
                .post, "/v1/messages/{messageID}/settle", operation: "settleMessage",
                access: .roles([.manager, .frontDesk], scope: "messages:write"), takeFinding),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let (page, matter, client, state) = try request.readQuery { fields in
            (
                fields.page(by: MessageID.self), Matter(fields), fields.optionalID("clientID", of: ClientID.self),
                fields.optionalEnumeration("state", as: Message.State.self)
            )
        }
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try messages.list(
                of: principal.organisation, about: matter, to: client, in: state, clinics: principal.clinics.list,
                before: page.before, rows: page.rows, &transaction)
        }
        return try request.json(.ok, Page(found.map(answer), of: page, id: \.id))
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        try request.json(.ok, answer(try await visible(request)))
    }

    /// What the client was told, for whoever is asked about it; lists are without.
    @Sendable private func text(_ request: Request) async throws -> Response {
        let record = try await visible(request)
        let proof = try await database.read(organisation: record.organisation) { transaction in
            try messages.proof(of: record.message.id, &transaction)
        }
        // What is to be written anew is not what will be sent.
        guard let proof, record.message.state != .requested else {
            throw Problem(
                .textNotKept, detail: "It is not written yet or never was, or its client was erased.",
                remedy: "If it is still \"requested\", ask again in a moment.")
        }
        return try .json(.ok, MessageTextAnswer(record, proof))
    }

    @Sendable private func answer(_ record: MessageRecord) -> MessageAnswer {
        MessageAnswer(record, lateAfter: lateAfter)
    }

    /// Told the same again, it answers with the message as that left it.
    @Sendable private func takeFinding(_ request: Request) async throws -> Response {
        let finding = try request.read { fields in fields.enumeration("finding", as: Finding.self) }
        let id = try await visible(request).message.id
        try await database.change(because: try request.cause()) { change in
            try settle.run(id, finding, in: &change)
        }
        return try request.json(.ok, answer(try await visible(request)))
    }

    /// A message of the caller's clinics; any other does not exist for it.
    private func visible(_ request: Request) async throws -> MessageRecord {
        let id: MessageID = try request.path("messageID")
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try messages.find(id, &transaction)
        }
        guard let found, found.organisation == principal.organisation, principal.clinics.includes(found.clinic) else {
            throw NotFound.message
        }
        return found
    }
}

extension Matter {
    /// What a list is about, if it is about one thing.
    fileprivate init?(_ fields: Fields) {
        let (payment, invoice): (PaymentID?, InvoiceID?) = (
            fields.optionalID("paymentID"), fields.optionalID("invoiceID")
        )
        let (receivable, money): (ReceivableID?, PaymentOnAccountID?) = (
            fields.optionalID("receivableID"), fields.optionalID("paymentOnAccountID")
        )
        let campaign: CampaignID? = fields.optionalID("campaignID")
        let all: [(field: String, matter: Matter?)] = [
            ("paymentID", payment.map(Matter.payment)), ("invoiceID", invoice.map(Matter.invoice)),
            ("receivableID", receivable.map(Matter.receivable)),
            ("paymentOnAccountID", money.map(Matter.paymentOnAccount)), ("campaignID", campaign.map(Matter.campaign)),
        ]
        let named = all.filter { $0.matter != nil }
        if named.count > 1 {
            fields.refuse(
                named[1].field,
                reason: "A message is about a payment, an invoice, a receivable, recorded money or a campaign.",
                remedy: "Give one of them.")
        }
        guard let matter = named.first?.matter else { return nil }
        self = matter
    }
}
