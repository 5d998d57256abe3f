import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// What waits for a person, and what people do about it (REC-5).
struct DiscrepancyRoutes {
    let database: Database
    let discrepancies: DiscrepancyStore
    let lookAfter: LookAfterDiscrepancy

    var routes: [Route] {
        let reading = Access.roles([.manager, .accountant], scope: "reconciliation:read")
        let writing = Access.roles([.manager, .accountant], scope: "reconciliation:write")
        return [
            Route(.get, "/v1/discrepancies", operation: "listDiscrepancies", access: reading, list),
            Route(
                .get, "/v1/discrepancies/{discrepancyID}", operation: "getDiscrepancy", access: reading, get),
            Route(
                .put, "/v1/discrepancies/{discrepancyID}/owner", operation: "assignDiscrepancy", access: writing,
                assign),
            Route(
                .post, "/v1/discrepancies/{discrepancyID}/comments", operation: "commentDiscrepancy",
                access: writing, idempotency: .required, comment),
            Route(
                .post, "/v1/discrepancies/{discrepancyID}/close", operation: "closeDiscrepancy", access: writing,
                idempotency: .required, close),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let (filter, page) = try request.readQuery { fields in
            (
                DiscrepancyFilter(fields, isClosed: fields.boolean("closed", default: false)),
                fields.page { DiscrepancyPlace(keys: $0) }
            )
        }
        let organisation = try request.organisation
        let (found, inAll) = try await database.read(organisation: organisation) { transaction in
            (
                try discrepancies.page(of: organisation, filter, after: page.last, rows: page.rows, &transaction),
                try discrepancies.count(of: organisation, filter, &transaction)
            )
        }
        let listed = Page(found, of: page) { item in
            let at = filter.isClosed == true ? item.closedAt ?? item.openedAt : item.openedAt
            return Cursor([at.description, item.id.description])
        }
        return try .json(.ok, DiscrepanciesAnswer(items: listed.items, next: listed.next, inAll: inAll))
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id: DiscrepancyID = try request.path("discrepancyID")
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try discrepancies.history(of: id, in: organisation, &transaction)
        }
        return try .json(.ok, found)
    }

    @Sendable private func assign(_ request: Request) async throws -> Response {
        try await act(request) { fields in .assign(to: fields.optionalString("owner", max: 100)) }
    }

    @Sendable private func comment(_ request: Request) async throws -> Response {
        try await act(request, status: .created) { fields in .comment(fields.string("text", max: 2_000, .lines)) }
    }

    @Sendable private func close(_ request: Request) async throws -> Response {
        try await act(request) { fields in
            .close(
                because: fields.string("reason", max: 2_000, .lines),
                into: fields.optionalText(
                    "account", max: 20, remedy: "Give an account of the ledger, such as 658000."
                ) { Account(number: $0) })
        }
    }

    private func act(
        _ request: Request, status: Status = .ok, _ read: (Fields) -> LookAfterDiscrepancy.Act
    ) async throws -> Response {
        let id: DiscrepancyID = try request.path("discrepancyID")
        let act = try request.read(read)
        return try .json(status, try await lookAfter.run(act, on: id, because: request.cause()).answer)
    }
}

extension DiscrepancyFilter {
    init(_ fields: Fields, isClosed: Bool?) {
        self.init(
            isClosed: isClosed, kind: fields.optionalEnumeration("kind"),
            owner: fields.optionalString("owner", max: 100),
            payment: fields.optionalID("paymentID", of: PaymentID.self),
            payout: fields.optionalID("payoutID", of: PayoutID.self))
    }
}

extension DiscrepancyPlace {
    /// The place that a cursor's keys name; nil when they are another list's.
    fileprivate init?(keys: [String]) {
        guard keys.count == 2, let at = Instant(keys[0]), let id = DiscrepancyID(keys[1]) else { return nil }
        self.init(at: at, id: id)
    }
}
