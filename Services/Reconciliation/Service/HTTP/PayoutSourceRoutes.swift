import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// The accounts whose payouts providers tell of, how far that is, and what stands in the way (REC-3).
struct PayoutSourceRoutes {
    let database: Database
    let fetch: FetchPayouts
    let places: FilePlaces

    var routes: [Route] {
        [
            Route(
                .get, "/v1/payout-sources", operation: "listPayoutSources",
                access: .roles([.manager, .accountant], scope: "reconciliation:read"), list),
            Route(
                .post, "/v1/payout-sources/{accountID}/fetch", operation: "fetchPayouts",
                access: .roles([.manager, .accountant], scope: "reconciliation:write"), timeMax: .seconds(600), fetchNow
            ),
            Route(
                .post, "/v1/payout-sources/{accountID}/reports", operation: "fetchReport",
                access: .roles([.manager, .accountant], scope: "reconciliation:write"), idempotency: .required,
                timeMax: .seconds(900), fetchReport),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try fetch.sources.all(of: organisation, &transaction)
        }
        return try request.json(.ok, Page(items: found.map(PayoutSourceAnswer.init), next: nil))
    }

    /// Asked twice it goes on where it was, so a repetition needs no key.
    @Sendable private func fetchNow(_ request: Request) async throws -> Response {
        try request.json(.ok, try await fetch.run(request.path("accountID"), of: request.organisation))
    }

    @Sendable private func fetchReport(_ request: Request) async throws -> Response {
        let account: ProviderAccountID = try request.path("accountID")
        let payout = try request.read { fields in
            NamedPayout(reference: fields.string("payout", max: 64), paidOn: fields.optionalLocalDate("paidOn"))
        }
        let asker = FetchReport.Asker(
            organisation: try request.organisation, subject: try request.principal.subject,
            key: request.headers["Idempotency-Key"])
        let answer = try await FetchReport(fetch: fetch, places: places).run(payout, at: account, for: asker) {
            try request.cause()
        }
        return try request.json(.created, answer)
    }
}

/// An account whose payouts are asked for.
struct PayoutSourceAnswer: Codable, Sendable {
    let accountID: ProviderAccountID
    let provider: Provider
    /// Payouts of days before are not asked for.
    let since: LocalDate
    let askedAt: Instant?
    /// When everything there was had been taken in.
    let toldAt: Instant?
    /// What stood in the way the last time.
    let trouble: Sentence?

    init(_ source: PayoutSource) {
        (accountID, provider, since) = (source.account, source.provider, source.since)
        (askedAt, toldAt, trouble) = (source.askedAt, source.toldAt, source.trouble)
    }
}
