/// Balance, payouts and disputes: what a reconciliation reads.
enum StripeReportRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.get, "/v1/balance_transactions", "balance-transactions") { call, world in
            try await world.stripe(call) { state, account in try state.stripeTransactions(call, account) }
        }
        endpoints.add(.get, "/v1/payouts", "list-payouts") { call, world in
            try await world.stripe(call) { state, account in
                let since = call.query("created[gte]").flatMap(Int64.init) ?? .min
                let mine = state.stripe.ledger.payouts.reversed().filter {
                    $0.accountID == account.id && $0.created >= since
                }
                return .json(try state.stripePage(mine, call, "/v1/payouts", id: \.id, json: \.json))
            }
        }
        endpoints.add(.get, "/v1/payouts/{id}", "get-payout") { call, world in
            try await world.stripe(call) { state, account in
                let id = call.parameter("id")
                guard
                    let payout = state.stripe.ledger.payouts.first(where: { $0.id == id && $0.accountID == account.id })
                else { throw StripeError.unknown("payout", id) }
                return .json(payout.json)
            }
        }
        endpoints.add(.get, "/v1/disputes", "list-disputes") { call, world in
            try await world.stripe(call) { state, account in
                var mine = state.stripe.disputes.reversed().filter {
                    state.stripe.intents[$0.intentID]?.accountID == account.id
                }
                if let since = call.query("created[gte]").flatMap({ Int64($0) }) {
                    mine.removeAll { $0.created < since }
                }
                if let intent = call.query("payment_intent") { mine.removeAll { $0.intentID != intent } }
                return .json(try state.stripePage(mine, call, "/v1/disputes", id: \.id, json: \.json))
            }
        }
    }
}

extension WorldState {
    /// With `payout`, the lines that explain it: their net sums to it, and the payout's own line takes it out.
    func stripeTransactions(_ call: Call, _ account: StripeAccount) throws -> Reply {
        var found = Array(stripe.ledger.transactions.reversed())
        found.removeAll { $0.accountID != account.id }
        if let payout = call.query("payout") {
            guard stripe.ledger.payouts.contains(where: { $0.id == payout && $0.accountID == account.id }) else {
                throw StripeError.unknown("payout", payout)
            }
            found.removeAll { $0.payoutID != payout }
        }
        if let type = call.query("type") { found.removeAll { $0.type != type } }
        let expands = call.expanded.contains("data.source")
        return .json(
            try stripePage(found, call, "/v1/balance_transactions", id: \.id) { line in
                var json = line.json
                if expands, let source = stripeSource(line.source) { json.set("source", to: source) }
                return json
            })
    }

    private func stripeSource(_ id: String) -> JSON? {
        if let refund = stripe.refunds.first(where: { $0.id == id }) { return refund.json }
        if let dispute = stripe.disputes.first(where: { $0.id == id }) { return dispute.json }
        if let payout = stripe.ledger.payouts.first(where: { $0.id == id }) { return payout.json }
        return stripe.intents.values.first { $0.chargeID == id }?.charge
    }

    /// Pays a merchant what it is owed and announces the transfer.
    mutating func payOut(_ account: StripeAccount, at now: Int64) -> StripePayout? {
        guard let payout = stripe.ledger.payOut(account.id, random: &random, at: now) else { return nil }
        for type in ["payout.paid", "payout.reconciliation_completed"] {
            sendStripeEvent(type, payout.json, about: payout.id, account.id)
        }
        return payout
    }
}
