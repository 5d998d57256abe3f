import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Quotes, deposits on them, and the invoices they become (INV-3).
struct QuoteRoutes {
    let database: Database
    let write: WriteQuote
    let deposit: RequestDeposit
    let invoice: InvoiceQuote
    let quotes = QuoteStore()
    let organisations = OrganisationStore()
    let names = ClientNames()

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "invoices:read")
        let writing = Access.roles([.manager, .frontDesk], scope: "invoices:write")
        return [
            Route(.post, "/v1/quotes", operation: "createQuote", access: writing, idempotency: .required, create),
            Route(.get, "/v1/quotes", operation: "listQuotes", access: reading, list),
            Route(.get, "/v1/quotes/{quoteID}", operation: "getQuote", access: reading, get),
            Route(
                .post, "/v1/quotes/{quoteID}/deposits", operation: "requestDeposit", access: writing,
                idempotency: .required, requestDeposit),
            Route(
                .post, "/v1/quotes/{quoteID}/invoice", operation: "invoiceQuote", access: writing,
                idempotency: .required, invoiceQuote),
            Route(
                .post, "/v1/quotes/{quoteID}/decline", operation: "declineQuote", access: writing,
                idempotency: .required, decline),
        ]
    }

    @Sendable private func create(_ request: Request) async throws -> Response {
        let draft = try request.read { fields in
            QuoteDraft(
                client: fields.id("clientID"), clinic: fields.id("clinicID"), content: DocumentContent(fields),
                dates: QuoteDates(
                    issuedOn: fields.localDate("issuedOn"), validUntil: fields.localDate("validUntil")))
        }
        try request.principal.require(draft.clinic)
        let applied = try await write.run(draft, because: request.cause())
        return try .json(.created, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let (page, filter, status) = try request.readQuery { fields in
            (
                fields.page(by: QuoteID.self), DocumentFilter(fields),
                fields.optionalEnumeration("status", as: QuoteStatus.self)
            )
        }
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            let listed = try quotes.list(
                of: organisation, at: clinics, filter, status, before: page.before, rows: page.rows, &transaction)
            let today = try organisations.today(of: organisation, in: &transaction)
            return try names.named(
                listed.map { QuoteAnswer($0, on: today[$0.quote.clinic]) }, for: request.principal,
                in: &transaction)
        }
        return try .json(.ok, Page(found, of: page, id: \.id))
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: QuoteID = try request.path("quoteID")
        let principal = try request.principal
        let organisation = principal.organisation
        let (found, today) = try await database.read(organisation: organisation) { transaction in
            (
                try quotes.find(id, of: organisation, in: &transaction),
                try organisations.today(of: organisation, in: &transaction)
            )
        }
        guard let found, principal.clinics.includes(found.quote.clinic) else { throw NotFound.quote(id) }
        return try .json(.ok, QuoteAnswer(found, on: today[found.quote.clinic])).tagged(found.version)
    }

    @Sendable private func requestDeposit(_ request: Request) async throws -> Response {
        let id: QuoteID = try request.path("quoteID")
        let wish = try request.read { fields in
            RequestDeposit.Wish(
                amount: fields.money("amount"), issuedOn: fields.localDate("issuedOn"),
                dueOn: fields.localDate("dueOn"), isOnline: fields.boolean("online", default: false))
        }
        let applied = try await deposit.run(
            wish, on: id, seen: request.versionToMatch(), for: request.principal.clinics, because: request.cause())
        return try .json(.created, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func invoiceQuote(_ request: Request) async throws -> Response {
        let id: QuoteID = try request.path("quoteID")
        let days = try request.read { fields in
            InvoiceQuote.Days(
                issuedOn: fields.localDate("issuedOn"), dueOn: fields.localDate("dueOn"),
                suppliedOn: fields.optionalLocalDate("suppliedOn"))
        }
        let applied = try await invoice.run(
            id, days, seen: request.versionToMatch(), for: request.principal.clinics, because: request.cause())
        return try .json(.created, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func decline(_ request: Request) async throws -> Response {
        let id: QuoteID = try request.path("quoteID")
        let applied = try await write.decline(
            id, seen: request.versionToMatch(), for: request.principal.clinics, because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }
}

/// A quote as the API shows it.
struct QuoteAnswer: Codable, Sendable, ClientRow {
    struct Deposit: Codable, Sendable {
        let invoiceID: InvoiceID
        let amount: Money
        let online: Bool
    }

    let id: QuoteID
    let clinicID: ClinicID
    let clientID: ClientID
    let number: String
    let status: QuoteStatus
    let issuedOn: LocalDate
    let validUntil: LocalDate
    let total: Money
    let vat: [InvoiceAnswer.VAT]
    let lines: [InvoiceAnswer.Line]
    let discount: DiscountAnswer?
    let notes: String?
    let deliveryAddress: DeliveryAnswer?
    let deposits: [Deposit]
    /// What it became.
    let invoiceID: InvoiceID?
    let version: Int64
    var client: ClientName?

    /// `today` is the clinic's day, by which a quote may have expired; nil where it is what was just done that is told.
    init(_ record: QuoteRecord, on today: LocalDate? = nil) {
        let quote = record.quote
        id = quote.id
        clinicID = quote.clinic
        clientID = quote.client
        number = quote.number
        (status, invoiceID) =
            switch quote.state {
            case .open: (today.map(quote.hasExpired(on:)) == true ? .expired : .open, nil)
            case .declined: (.declined, nil)
            case .invoiced(let id): (.invoiced, id)
            }
        issuedOn = quote.issuedOn
        validUntil = quote.validUntil
        total = quote.total
        vat = quote.vat.shares.map { InvoiceAnswer.VAT(rate: $0.rate, base: $0.base, vat: $0.vat) }
        lines = quote.content.lines.map(InvoiceAnswer.Line.init)
        discount = quote.content.discount.map(DiscountAnswer.init)
        notes = quote.content.notes
        deliveryAddress = quote.content.delivery.map(DeliveryAnswer.init)
        deposits = quote.deposits.map {
            Deposit(invoiceID: $0.invoice, amount: $0.vat.total, online: $0.isOnline)
        }
        version = record.version
    }
}
