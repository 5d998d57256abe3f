import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// Payouts: seen, explained, pointed and un-pointed (REC-2, REC-5).
struct PayoutRoutes {
    let database: Database
    let pointing: PointPayout
    let unpointing: UnpointPayout
    let payouts = PayoutStore()
    let trails: TrailStore
    let ledger: LedgerStore

    var routes: [Route] {
        let reading = Access.roles([.manager, .accountant], scope: "reconciliation:read")
        let writing = Access.roles([.manager, .accountant], scope: "reconciliation:write")
        return [
            Route(.get, "/v1/payouts", operation: "listPayouts", access: reading, list),
            Route(.get, "/v1/payouts/{payoutID}/explanation", operation: "explainPayout", access: reading, explain),
            Route(
                .post, "/v1/payouts/{payoutID}/point", operation: "pointPayout", access: writing,
                idempotency: .required, point),
            Route(
                .post, "/v1/payouts/{payoutID}/unpoint", operation: "unpointPayout", access: writing,
                idempotency: .required, unpoint),
            Route(.get, "/v1/balances", operation: "listBalances", access: reading, listBalances),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let (filter, page) = try request.readQuery { fields in (PayoutFilter(fields), fields.page(by: PayoutPlace.self))
        }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try payouts.list(
                of: organisation, filter, before: page.last ?? .beginning, rows: page.rows, &transaction)
        }
        let answers = found.map { PayoutAnswer($0) }
        return try .json(
            .ok, Page(answers, of: page) { payout in Cursor([payout.paidOn.description, payout.id.description]) })
    }

    @Sendable private func explain(_ request: Request) async throws -> Response {
        let id: PayoutID = try request.path("payoutID")
        let organisation = try request.organisation
        let answer = try await database.read(organisation: organisation) { transaction in
            try trails.explanation(of: id, in: organisation, &transaction)
        }
        return try request.json(.ok, answer)
    }

    @Sendable private func point(_ request: Request) async throws -> Response {
        let id: PayoutID = try request.path("payoutID")
        let to = try request.read { fields in Pointing(fields) }
        return try .json(.ok, try await pointing.run(id, to, because: request.cause()).answer)
    }

    @Sendable private func unpoint(_ request: Request) async throws -> Response {
        let id: PayoutID = try request.path("payoutID")
        return try .json(.ok, try await unpointing.run(id, because: request.cause()).answer)
    }

    @Sendable private func listBalances(_ request: Request) async throws -> Response {
        let (from, to) = try request.readQuery { fields in fields.optionalPeriod() }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try ledger.balances(of: organisation, from: from, to: to, &transaction)
        }
        return try .json(.ok, ["items": found])
    }
}

extension PayoutFilter {
    fileprivate init(_ fields: Fields) {
        let (from, to) = fields.optionalPeriod()
        self.init(from: from, to: to, fields)
    }

    /// Of days that were read already.
    init(from: LocalDate?, to: LocalDate?, _ fields: Fields) {
        self.init(
            from: from, to: to, provider: fields.optionalEnumeration("provider"),
            isPointed: fields.optionalBoolean("pointed"), rule: fields.optionalEnumeration("rule"))
    }
}

extension Pointing {
    fileprivate init(_ fields: Fields) {
        let line = fields.optionalID("bankLineID", of: BankLineID.self)
        let reason = fields.optionalString("noBankLineBecause", max: 500)
        let difference = Difference(in: fields)
        if (line == nil) == (reason == nil) {
            fields.refuse(
                "bankLineID", reason: "A payout is pointed to a bank line, or there is a reason why there is none.",
                remedy: "Give bankLineID (GET /v1/bank-lines lists them) or noBankLineBecause.")
        }
        if difference != nil, reason != nil {
            fields.refuse(
                "difference", reason: "Without a bank line there is no difference.", remedy: "Leave difference out.")
        }
        let account = Pointing.account(fields)
        if account != nil, reason == nil {
            fields.refuse(
                "noBankLineAccount", reason: "It takes the money of a payout without a bank line.",
                remedy: "Give noBankLineBecause with it, or leave it out.")
        }
        self =
            line.map { Pointing.to($0, difference: difference) }
            ?? .withoutLine(because: reason ?? "", on: account ?? .suspense)
    }

    /// What takes the money; nobody who leaves it out has to know accounts.
    private static func account(_ fields: Fields) -> Account? {
        let accounts = Difference.accountsWithoutBankLine
        return fields.optionalText(
            "noBankLineAccount", max: 20,
            remedy: "Give one of \(accounts.map(\.number).joined(separator: ", "))."
        ) { number in accounts.first { $0.number == number } }
    }
}
