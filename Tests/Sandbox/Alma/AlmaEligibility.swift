/// Answers which plans a purchase may have, one entry per question asked.
struct AlmaEligibility {
    static let countries: Set<String> = ["", "FR", "BE", "ES", "IT", "DE", "NL", "LU", "PT", "AT", "IE"]

    let account: AlmaAccount
    let now: Int64
    let amount: Int64
    let coversAllFees: Bool
    let country: String
    let queries: [JSON]?

    init(_ body: JSON, for account: AlmaAccount, at now: Int64) throws {
        var check = AlmaValidation()
        let amount = check.integer(body, "purchase_amount", at: "", required: true, in: 1...Int64(Int32.max))
        coversAllFees = check.flag(body, "merchant_covers_all_fees", at: "") ?? false
        let billing = check.object(body, "billing_address", at: "")
        let shipping = check.object(body, "shipping_address", at: "")
        queries = body.given("queries")?.asList
        if body.given("queries") != nil, queries == nil {
            check.report("queries", "invalid_type", "Une liste est attendue")
        }
        if !account.canCreatePayments {
            check.report("merchant", "merchant_cant_create_payments", "Le compte marchand n'est pas activé")
        }
        for (index, query) in (queries ?? []).enumerated() {
            _ = check.integer(query, "installments_count", at: "queries[\(index)].", required: true, in: 1...12)
        }
        try check.finish()
        self.account = account
        self.now = now
        self.amount = amount ?? 0
        country = (billing.given("country") ?? shipping.given("country"))?.asText ?? ""
    }

    var answers: JSON {
        guard let queries else {
            // Discovery: only what is eligible is listed.
            let eligible = account.plans.filter { $0.isAllowed && $0.admits(amount) && isServed }
            return .list(eligible.map { offer($0) })
        }
        return .list(queries.map(answer))
    }

    private var isServed: Bool { Self.countries.contains(country) }

    private func answer(_ query: JSON) -> JSON {
        let count = query["installments_count"]?.asInteger ?? 0
        let days = query.given("deferred_days")?.asInteger ?? 0
        let months = query.given("deferred_months")?.asInteger ?? 0
        let head: JSON = [
            "eligible": false, "purchase_amount": .integer(amount), "installments_count": .integer(count),
            "deferred_days": .integer(days), "deferred_months": .integer(months),
        ]
        guard let plan = account.plan(instalments: count, days: days, months: months) else {
            return refused(
                head, "installments_count",
                ["values": .list(Set(account.plans.filter(\.isAllowed).map(\.instalments)).sorted().map(JSON.integer))])
        }
        guard plan.admits(amount) else {
            return refused(
                head, "purchase_amount",
                ["minimum": .integer(plan.purchaseMin), "maximum": .integer(plan.purchaseMax)])
        }
        guard isServed else { return refused(head, "country", [:]) }
        return offer(plan)
    }

    private func refused(_ head: JSON, _ field: String, _ constraint: JSON) -> JSON {
        var answer = head
        answer.set("reasons", to: .object([JSON.Member(key: field, value: "invalid_value")]))
        answer.set("constraints", to: .object([JSON.Member(key: field, value: constraint)]))
        return answer
    }

    private func offer(_ plan: AlmaFeePlan) -> JSON {
        let terms = AlmaTerms(plan, amount: amount, from: now, merchantCoversAll: coversAllFees)
        return [
            "eligible": true, "purchase_amount": .integer(amount), "installments_count": .integer(plan.instalments),
            "deferred_days": .integer(plan.deferredDays), "deferred_months": .integer(plan.deferredMonths),
            "customer_total_cost_amount": .integer(terms.customerFee),
            "customer_total_cost_bps": .integer(terms.customerFee * 10_000 / amount),
            "annual_interest_rate": .null, "payment_plan": .list(terms.schedule.map(\.offerJSON)),
        ]
    }
}
