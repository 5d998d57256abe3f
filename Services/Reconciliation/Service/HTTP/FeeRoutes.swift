import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// The fee screen and its export (REC-1, REC-7).
struct FeeRoutes {
    let database: Database
    let fees = FeeStore()
    let exports: FilePlaces

    var routes: [Route] {
        let access = Access.roles([.manager, .accountant], scope: "reconciliation:read")
        return [
            Route(.get, "/v1/fees", operation: "listFees", access: access, list),
            Route(.get, "/v1/fees/export", operation: "exportFees", access: access, export),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let (filter, page) = try request.readQuery { fields in (FeeFilter(fields), fields.page(by: FeePlace.self)) }
        let organisation = try request.organisation
        let (rows, totals) = try await database.read(organisation: organisation) { transaction in
            (
                try fees.rows(of: organisation, filter, after: page.last ?? .beginning, limit: page.rows, &transaction),
                try fees.totals(of: organisation, filter, &transaction)
            )
        }
        let listed = Page(rows, of: page) { row in Cursor([row.day.description, row.id.description]) }
        return try .json(.ok, FeesAnswer(items: listed.items, next: listed.next, totals: totals))
    }

    @Sendable private func export(_ request: Request) async throws -> Response {
        let (filter, kind) = try request.readQuery { fields in (FeeFilter(fields), ExportKind(fields)) }
        let place = try exports.take()
        let language = try await kind.language(of: request.organisation, in: database)
        let rows = try await fees.cursor(of: request.organisation, filter, in: database)
        let file = GridFile(.fees, kind, in: language)
        return .chunks(
            place.chunks(of: file.parts(of: rows)), contentType: kind.format.contentType,
            filename: file.filename(from: filter.from, to: filter.to))
    }
}

extension FeeFilter {
    fileprivate init(_ fields: Fields) {
        self.init(of: GridStore.Period(fields), fields)
    }

    /// Of days that were read already.
    init(of period: GridStore.Period, _ fields: Fields) {
        self.init(
            from: period.from, to: period.to, paid: fields.optionalEnumeration("paid") ?? .all,
            provider: fields.optionalEnumeration("provider"), clinic: fields.optionalID("clinicID"),
            rule: fields.optionalEnumeration("rule"))
    }
}
