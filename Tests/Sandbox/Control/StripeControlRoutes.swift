/// Merchants of Stripe, the truth about their sessions, and the client's hand.
enum StripeControlRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.post, "/stripe/accounts", "add-stripe-account") { call, world in
            let json = try call.json()
            return try await world.perform { state in
                let account = try StripeAccount(json, random: &state.random)
                state.stripe.put(account)
                return .json(account.controlJSON, status: 201)
            }
        }
        endpoints.add(.get, "/stripe/payments", "stripe-payments") { call, world in
            await world.perform { state in
                var found = Array(state.stripe.sessions.values)
                if let payment = call.query("payment") {
                    found.removeAll { $0.metadata["quittance_payment"]?.asText != payment }
                }
                found.sort { ($0.created, $0.id) < ($1.created, $1.id) }
                return .json(.list(found.map { state.truth(of: $0) }))
            }
        }
        endpoints.add(.get, "/stripe/payments/{id}", "stripe-payment") { call, world in
            try await world.perform { state in
                guard let session = state.stripe.sessions[call.parameter("id")] else {
                    throw Refusal.control("no such session", status: 404)
                }
                return .json(state.truth(of: session))
            }
        }
        endpoints.add(.post, "/stripe/payments/{id}/act", "stripe-act") { call, world in
            guard let action = try call.json()["action"]?.asText.flatMap(StripeClientAction.init(rawValue:)) else {
                let known = StripeClientAction.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal.control("'action' must be one of: \(known)")
            }
            return try await world.perform { state in
                .json(["redirect": .optional(try state.act(action, onSession: call.parameter("id")))])
            }
        }
        addRefunds(endpoints)
        endpoints.add(.post, "/stripe/payouts/{id}/fail", "stripe-payout-fail") { call, world in
            try await world.perform { state in .json(try state.fail(payout: call.parameter("id")).json) }
        }
    }

    /// What a bank may still do to a refund; the next that are made can be planted.
    private static func addRefunds(_ endpoints: Endpoints) {
        endpoints.add(.post, "/stripe/refunds/{id}", "stripe-refund") { call, world in
            guard let status = try call.json()["status"]?.asText else { throw Refusal.control("'status' is missing") }
            return try await world.perform { state in
                guard let index = state.stripe.refunds.firstIndex(where: { $0.id == call.parameter("id") }) else {
                    throw Refusal.control("no such refund", status: 404)
                }
                state.settle(refundAt: index, as: status)
                return .json(state.stripe.refunds[index].json)
            }
        }
    }
}

extension WorldState {
    fileprivate func truth(of session: StripeSession) -> JSON {
        var json = json(session)
        let intent = session.intentID.flatMap { stripe.intents[$0] }
        json.set("intent", to: intent?.json ?? .null)
        json.set("refunded", to: .integer(intent?.refunded ?? 0))
        let charged = stripe.ledger.transactions.first { $0.id == intent?.transactionID }
        json.set("fee", to: .integer(charged?.fee ?? 0))
        json.set("refunds", to: .list(stripe.refunds.filter { $0.intentID == session.intentID }.map(\.json)))
        return json
    }

    fileprivate mutating func fail(payout id: String) throws -> StripePayout {
        guard let payout = stripe.ledger.fail(id, random: &random, at: clock.now) else {
            throw Refusal.control("no payout that could fail", status: 404)
        }
        sendStripeEvent("payout.failed", payout.json, about: id, payout.accountID)
        return payout
    }

    /// A refund that failed gives its amount back to the merchant, until it turns out to have been done.
    fileprivate mutating func settle(refundAt index: Int, as status: String) {
        let had = stripe.refunds[index].status
        stripe.refunds[index].status = status
        let refund = stripe.refunds[index]
        guard let intent = stripe.intents[refund.intentID] else { return }
        if status == "failed" {
            stripe.refunds[index].failureReason = "lost_or_stolen_card"
            stripe.intents[intent.id]?.refunded -= refund.amount
            stripe.ledger.book(
                .init(
                    type: "refund_failure", amount: refund.amount, source: refund.id, accountID: intent.accountID,
                    currency: intent.currency), random: &random, at: clock.now)
        }
        if had == "failed", status == "succeeded" {
            stripe.refunds[index].failureReason = nil
            stripe.intents[intent.id]?.refunded += refund.amount
        }
        sendStripeEvent("refund.updated", stripe.refunds[index].json, about: intent.sessionID, intent.accountID)
    }
}
