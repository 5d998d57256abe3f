import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// The till of a clinic: what it took, and how it was counted at the end of a day (REC-10).
///
/// Who counts works at the clinic, so these are for those who act for it.
struct TillRoutes {
    let database: Database
    let close: CloseTill
    let list = TillList()

    var routes: [Route] {
        let reading = Access.roles([.manager, .accountant, .frontDesk], scope: "reconciliation:read")
        let writing = Access.roles([.manager, .accountant, .frontDesk], scope: "reconciliation:write")
        return [
            Route(.get, "/v1/takings", operation: "listTakings", access: reading, listTakings),
            Route(.get, "/v1/cash-ups", operation: "listCashUps", access: reading, listCashUps),
            Route(
                .post, "/v1/cash-ups", operation: "closeTill", access: writing, idempotency: .required, closeTill),
        ]
    }

    @Sendable private func listTakings(_ request: Request) async throws -> Response {
        let (filter, page) = try request.readQuery { fields in
            (TillFilter(fields), fields.page(by: TillMovementID.self))
        }
        try request.principal.require(filter.clinic)
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try list.movements(of: organisation, filter, before: page.before, rows: page.rows, &transaction)
        }
        return try .json(.ok, Page(found, of: page, id: \.id))
    }

    @Sendable private func listCashUps(_ request: Request) async throws -> Response {
        let (clinic, period) = try request.readQuery { fields in
            (fields.id("clinicID", of: ClinicID.self), fields.period())
        }
        try request.principal.require(clinic)
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try close.cashUps.days(
                at: clinic, from: period.from, to: period.to, of: organisation, &transaction)
        }
        return try .json(.ok, ["items": found])
    }

    @Sendable private func closeTill(_ request: Request) async throws -> Response {
        let draft = try request.read { fields in TillDraft(fields) }
        try request.principal.require(draft.clinic)
        return try .json(.created, try await close.run(draft, because: request.cause()).answer)
    }
}

extension TillFilter {
    fileprivate init(_ fields: Fields) {
        let (from, to) = fields.optionalPeriod()
        self.init(
            clinic: fields.id("clinicID"), from: from, to: to, tender: fields.optionalEnumeration("kind"),
            isWaiting: fields.optionalBoolean("waiting"))
    }
}

extension TillDraft {
    fileprivate init(_ fields: Fields) {
        self.init(
            clinic: fields.id("clinicID"), day: fields.localDate("day"),
            counts: fields.list("counts", count: 0...200) { item in
                TillCount(
                    method: TillSum.Method(
                        code: item.string("method", max: 40), tender: item.enumeration("kind")),
                    counted: item.money("counted", .signed), difference: Difference(in: item))
            })
    }
}

extension Difference {
    /// `difference` of an object, which may be left out.
    init?(in fields: Fields) {
        guard let said = fields.optionalObject("difference") else { return nil }
        self.init(
            account: said.text(
                "account", max: 20, else: .suspense, remedy: "Give an account of the ledger, such as 658000."
            ) { Account(number: $0) },
            reason: said.string("reason", max: 500))
    }
}
