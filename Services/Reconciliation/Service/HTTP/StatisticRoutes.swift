import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// What payments come to, by clinic, provider, plan and span of days (REC-9).
struct StatisticRoutes {
    let database: Database
    let refreshing: RefreshStatistics

    private var statistics: StatisticStore { refreshing.statistics }

    var routes: [Route] {
        let reading = Access.roles([.manager, .accountant], scope: "reconciliation:read")
        let writing = Access.roles([.manager, .accountant], scope: "reconciliation:write")
        return [
            Route(.get, "/v1/statistics", operation: "listStatistics", access: reading, list),
            Route(.get, "/v1/statistics/baskets", operation: "listBaskets", access: reading, listBaskets),
            Route(
                .post, "/v1/statistics/refresh", operation: "refreshStatistics", access: writing,
                idempotency: .required, timeMax: RefreshStatistics.timeMax, refresh),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let filter = try request.readQuery { fields in
            StatisticFilter(fields, by: fields.optionalEnumeration("by") ?? .month)
        }
        let organisation = try request.organisation
        let (asOf, rows) = try await database.read(organisation: organisation) { transaction in
            (
                try statistics.madeAt(of: organisation, &transaction),
                try statistics.rows(of: organisation, filter, &transaction)
            )
        }
        guard rows.count <= StatisticStore.rowsMax else {
            throw Problem.field(
                "?from", reason: "There are more than \(count: StatisticStore.rowsMax) rows.",
                remedy: "Ask for fewer days or one clinic, or take them as a file.")
        }
        return try .json(.ok, StatisticsAnswer(asOf: asOf, items: rows))
    }

    @Sendable private func listBaskets(_ request: Request) async throws -> Response {
        let filter = try request.readQuery { fields in StatisticFilter(fields, by: .day) }
        let organisation = try request.organisation
        let answer = try await database.read(organisation: organisation) { transaction in
            BasketsAnswer(
                asOf: try statistics.madeAt(of: organisation, &transaction),
                items: try statistics.baskets(of: organisation, filter, &transaction))
        }
        return try .json(.ok, answer)
    }

    @Sendable private func refresh(_ request: Request) async throws -> Response {
        try .json(.ok, try await refreshing.run(because: request.cause()).answer)
    }
}

extension StatisticFilter {
    fileprivate init(_ fields: Fields, by span: Span) {
        self.init(of: GridStore.Period(fields), fields, by: span)
    }

    /// Of days that were read already.
    init(of period: GridStore.Period, _ fields: Fields, by span: Span) {
        self.init(
            from: period.from, to: period.to, span: span,
            clinic: fields.optionalID("clinicID", of: ClinicID.self))
    }
}
