import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Closing what is owed, and putting away what is held (INV-11, INV-12).
struct SettlementRoutes {
    let database: Database
    let settle: SettleDebts
    let archive: ArchivePayment
    let settlements = SettlementStore()

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "invoices:read")
        let keeping = Access.roles([.manager, .accountant], scope: "invoices:write")
        let managing = Access.roles([.manager], scope: "invoices:write")
        return [
            Route(
                .post, "/v1/clients/{clientID}/settlements", operation: "settleDebts", access: keeping,
                idempotency: .required, settleDebts),
            Route(
                .get, "/v1/clients/{clientID}/settlements", operation: "listSettlements", access: reading, list),
            Route(.get, "/v1/settlements/{settlementID}", operation: "getSettlement", access: reading, get),
            Route(
                .post, "/v1/settlements/{settlementID}/undo", operation: "undoSettlement", access: managing,
                idempotency: .required, undo),
            Route(
                .post, "/v1/payments-on-account/{paymentOnAccountID}/archive", operation: "archivePaymentOnAccount",
                access: keeping, idempotency: .required, archivePayment),
            Route(
                .post, "/v1/payments-on-account/{paymentOnAccountID}/restore", operation: "restorePaymentOnAccount",
                access: managing, idempotency: .required, restorePayment),
        ]
    }

    @Sendable private func settleDebts(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        let wish = try request.read { fields in
            let period = fields.period()
            return SettleDebts.Wish(
                client: id, first: period.from, last: period.to, reason: fields.string("reason"),
                on: fields.localDate("on"))
        }
        let applied = try await settle.run(wish, for: request.principal.clinics, because: request.cause())
        return try .json(.created, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        let page = try request.readQuery { fields in fields.page(by: SettlementID.self) }
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            guard try settle.clients.find(id, of: organisation, in: &transaction) != nil else {
                throw NotFound.client(id)
            }
            return try settlements.list(
                of: id, in: organisation, at: clinics, before: page.before, rows: page.rows, &transaction)
        }
        return try .json(.ok, Page(found.map { SettlementAnswer($0) }, of: page, id: \.id))
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: SettlementID = try request.path("settlementID")
        let organisation = try request.organisation
        let clinics = try request.principal.clinics.list
        let found = try await database.read(organisation: organisation) { transaction in
            try settlements.find(id, of: organisation, at: clinics, in: &transaction)
        }
        guard let found else { throw NotFound.settlement(id) }
        return try .json(.ok, SettlementAnswer(found)).tagged(found.version)
    }

    @Sendable private func undo(_ request: Request) async throws -> Response {
        let id: SettlementID = try request.path("settlementID")
        let (day, reason) = try request.read { fields in
            (fields.localDate("on"), fields.optionalString("reason"))
        }
        let applied = try await settle.undo(
            id, on: day, saying: reason, seen: request.versionToMatch(), for: request.principal.clinics,
            because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func archivePayment(_ request: Request) async throws -> Response {
        let id: PaymentOnAccountID = try request.path("paymentOnAccountID")
        let wish = try request.read { fields in
            ArchivePayment.Wish(on: fields.localDate("on"), reason: fields.optionalString("reason"))
        }
        let applied = try await archive.archive(
            id, wish, seen: request.versionToMatch(), for: request.principal.clinics, because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func restorePayment(_ request: Request) async throws -> Response {
        let id: PaymentOnAccountID = try request.path("paymentOnAccountID")
        let applied = try await archive.restore(
            id, seen: request.versionToMatch(), for: request.principal.clinics, because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }
}
