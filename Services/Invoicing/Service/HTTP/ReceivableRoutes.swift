import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// What clients owe without an invoice (INV-8).
struct ReceivableRoutes {
    let database: Database
    let keep: KeepReceivable
    let receivables = ReceivableStore()
    let names = ClientNames()

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "invoices:read")
        let writing = Access.roles([.manager, .frontDesk], scope: "invoices:write")
        return [
            Route(
                .post, "/v1/receivables", operation: "recordReceivable", access: writing, idempotency: .required,
                record),
            Route(.get, "/v1/receivables", operation: "listReceivables", access: reading, list),
            Route(
                .get, "/v1/receivables/{receivableID}", operation: "getReceivable",
                access: .roles([.manager, .frontDesk, .accountant, .service], scope: "invoices:read"), get),
            Route(.put, "/v1/receivables/{receivableID}", operation: "correctReceivable", access: writing, correct),
        ]
    }

    @Sendable private func record(_ request: Request) async throws -> Response {
        let (client, clinic, day, terms) = try request.read { fields in
            (
                fields.id("clientID", of: ClientID.self), fields.id("clinicID", of: ClinicID.self),
                fields.localDate("recordedOn"), ReceivableTerms(fields, .positive)
            )
        }
        try request.principal.require(clinic)
        let applied = try await keep.record(terms, of: client, at: clinic, on: day, because: request.cause())
        return try .json(.created, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func correct(_ request: Request) async throws -> Response {
        let id: ReceivableID = try request.path("receivableID")
        let terms = try request.read { fields in ReceivableTerms(fields, .notNegative) }
        let applied = try await keep.correct(
            id, to: terms, seen: request.versionToMatch(), for: request.principal.clinics, because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: ReceivableID = try request.path("receivableID")
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try receivables.find(id, of: principal.organisation, in: &transaction)
        }
        guard let found, principal.clinics.includes(found.receivable.clinic) else { throw NotFound.receivable(id) }
        return try .json(.ok, ReceivableAnswer(found)).tagged(found.version)
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let (page, period) = try request.readQuery { fields in
            (fields.page(by: ReceivableID.self), PeriodFilter(fields))
        }
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            let listed = try receivables.list(
                of: organisation, at: clinics, period, before: page.before, rows: page.rows, &transaction)
            return try names.named(listed.map { ReceivableAnswer($0) }, for: request.principal, in: &transaction)
        }
        return try .json(.ok, Page(found, of: page, id: \.id))
    }
}

extension PeriodFilter {
    /// Reads `clientID`, `clinicID`, `from` and `to`.
    init(_ fields: Fields, method: String? = nil, archived: Bool? = nil) {
        self.init(
            client: fields.optionalID("clientID"), clinic: fields.optionalID("clinicID"), method: method,
            archived: archived, days: fields.days("from", "to"))
    }
}

extension ReceivableTerms {
    fileprivate init(_ fields: Fields, _ rule: MoneyRule) {
        self.init(
            label: fields.string("label"), amount: fields.money("amount", rule), dueOn: fields.localDate("dueOn"))
    }
}
