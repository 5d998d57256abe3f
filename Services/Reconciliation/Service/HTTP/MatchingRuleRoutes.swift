import HTTPServer
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// The rules by which bank lines are taken for payouts: read, written as a whole, tried without a change (REC-5).
struct MatchingRuleRoutes {
    let database: Database
    let keep: KeepMatchingRules
    let attempt: TryMatchingRules

    var routes: [Route] {
        let reading = Access.roles([.manager, .accountant], scope: "reconciliation:read")
        let writing = Access.roles([.manager, .accountant], scope: "reconciliation:write")
        return [
            Route(.get, "/v1/matching-rules", operation: "listMatchingRules", access: reading, list),
            Route(
                .put, "/v1/matching-rules", operation: "putMatchingRules", access: writing, timeMax: .seconds(300),
                put),
            Route(
                .post, "/v1/matching-rules/dry-run", operation: "tryMatchingRules", access: reading,
                timeMax: .seconds(300), tryOut),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        // It has no filter, and says so to whoever gives one.
        try request.readQuery { (_: Fields) in }
        let organisation = try request.organisation
        let rules = try await database.read(organisation: organisation) { transaction in
            try keep.rules.current(of: organisation, &transaction)
        }
        return try .json(.ok, MatchingRulesAnswer(rules))
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let rules = try MatchingRules(try request.read { fields in fields.rules() })
        return try .json(.ok, try await keep.run(rules, because: request.cause()).answer)
    }

    @Sendable private func tryOut(_ request: Request) async throws -> Response {
        let draft = try request.read { fields in fields.has("rules") ? fields.rules() : nil }
        let rules = try draft.map { try MatchingRules($0) }
        return try request.json(.ok, try await attempt.run(rules, because: request.cause()))
    }
}

extension Fields {
    fileprivate func rules() -> [MatchingRule] {
        list("rules", count: 0...100) { item in MatchingRule(item) }
    }
}

extension MatchingRule {
    /// Days a transfer may take at most by any rule, before and after the provider's date.
    private static let daysMax = 60

    fileprivate init(_ fields: Fields) {
        let most = MatchingRule.daysMax
        let from = fields.optionalInteger("daysMin", in: -most...most) ?? 0
        let to = fields.optionalInteger("daysMax", in: -most...most) ?? max(from, 7)
        if to < from {
            fields.refuse("daysMax", reason: "It is less than daysMin.", remedy: "Give the greater number here.")
        }
        self.init(
            name: fields.string("name", max: 100),
            line: LineCondition(
                words: fields.optionalStrings("words", count: 0...10, max: 60) ?? [],
                iban: fields.optionalString("iban", max: IBAN.textMax).map(IBAN.plain),
                least: fields.optionalMoney("amountMin", .notNegative),
                most: fields.optionalMoney("amountMax", .notNegative)),
            payout: PayoutCondition(
                provider: fields.optionalEnumeration("provider"),
                referencePrefix: fields.optionalString("referencePrefix", max: 60)),
            days: from...max(from, to), tolerance: fields.optionalObject("tolerance").map { Tolerance($0) })
    }
}

extension MatchingRule.Tolerance {
    /// The most that nobody is asked about, in minor units.
    private static let minorUnitsMax: Int64 = 10_000

    fileprivate init(_ fields: Fields) {
        self.init(
            most: fields.money("most", max: Self.minorUnitsMax),
            difference: Difference(
                account: fields.text(
                    "account", max: 20, else: .suspense, remedy: "Give an account of the ledger, such as 627000."
                ) { Account(number: $0) },
                reason: fields.string("reason", max: 500)))
    }
}
