import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// Cheques, cash and card batches on their way to the bank: made, seen, pointed, un-pointed, cancelled (REC-10).
struct RemittanceRoutes {
    let database: Database
    let making: MakeRemittance
    let pointing: PointRemittance
    let unpointing: UnpointRemittance
    let cancelling: CancelRemittance

    private var deposits: MatchDeposits { making.deposits }

    var routes: [Route] {
        let reading = Access.roles([.manager, .accountant], scope: "reconciliation:read")
        let writing = Access.roles([.manager, .accountant], scope: "reconciliation:write")
        let path = "/v1/remittances/{remittanceID}"
        return [
            Route(.get, "/v1/remittances", operation: "listRemittances", access: reading, list),
            Route(
                .post, "/v1/remittances", operation: "makeRemittance", access: writing, idempotency: .required,
                make),
            Route(.get, path, operation: "getRemittance", access: reading, get),
            Route(
                .post, "\(path)/point", operation: "pointRemittance", access: writing, idempotency: .required,
                point),
            Route(
                .post, "\(path)/unpoint", operation: "unpointRemittance", access: writing, idempotency: .required,
                unpoint),
            Route(
                .post, "\(path)/cancel", operation: "cancelRemittance", access: writing, idempotency: .required,
                cancel),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let page = try request.readQuery { fields in fields.page(by: RemittanceID.self) }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try deposits.remittances.list(
                of: organisation, before: page.before, rows: page.rows, &transaction)
        }
        return try .json(.ok, Page(found.map(RemittanceSummary.init), of: page, id: \.id))
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: RemittanceID = try request.path("remittanceID")
        let organisation = try request.organisation
        let answer = try await database.read(organisation: organisation) { transaction in
            try deposits.trail.answer(id, of: organisation, &transaction)
        }
        return try request.json(.ok, answer)
    }

    @Sendable private func make(_ request: Request) async throws -> Response {
        let draft = try request.read { fields in RemittanceDraft(fields) }
        return try request.json(.created, try await making.run(draft, because: request.cause()).answer)
    }

    @Sendable private func point(_ request: Request) async throws -> Response {
        let id: RemittanceID = try request.path("remittanceID")
        let (line, difference) = try request.read { fields in
            (fields.id("bankLineID", of: BankLineID.self), Difference(in: fields))
        }
        return try request.json(
            .ok, try await pointing.run(id, to: line, difference, because: request.cause()).answer)
    }

    @Sendable private func unpoint(_ request: Request) async throws -> Response {
        let id: RemittanceID = try request.path("remittanceID")
        return try request.json(.ok, try await unpointing.run(id, because: request.cause()).answer)
    }

    @Sendable private func cancel(_ request: Request) async throws -> Response {
        let id: RemittanceID = try request.path("remittanceID")
        let reason = try request.read { fields in fields.string("reason", max: 500) }
        return try request.json(.ok, try await cancelling.run(id, because: reason, request.cause()).answer)
    }
}

extension RemittanceDraft {
    fileprivate init(_ fields: Fields) {
        let tender: Tender = fields.enumeration("kind")
        self.init(
            clinic: fields.id("clinicID"), tender: tender, reference: fields.string("reference", max: 60),
            madeOn: fields.localDate("madeOn"),
            content: tender == .cash
                ? .cash(
                    fields.list("cash", count: 1...50) { item in
                        Remittance.Item(
                            movement: nil, value: item.money("value"), pieces: item.integer("pieces", in: 1...100_000))
                    })
                : .takings(fields.ids("takingIDs", count: 1...1_000)))
    }
}
