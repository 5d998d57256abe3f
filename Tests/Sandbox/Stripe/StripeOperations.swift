// What the merchant's requests do to the simulated Stripe; each is one synchronous step.
extension WorldState {
    func url(of session: StripeSession) -> String { "\(publicURL)/stripe/checkout/\(session.id)" }

    func json(_ session: StripeSession) -> JSON {
        session.json(url: url(of: session), isPaid: stripe.isPaid(session))
    }

    func json(_ intent: StripeIntent, expanding paths: Set<String>) -> JSON {
        var json = intent.json
        guard paths.contains(where: { $0.hasPrefix("latest_charge") }), intent.chargeID != nil else { return json }
        var charge = intent.charge
        if paths.contains("latest_charge.balance_transaction"),
            let booked = stripe.ledger.transactions.first(where: { $0.id == intent.transactionID })
        {
            charge.set("balance_transaction", to: intent.isBooked(at: clock.now) ? booked.json : .null)
        }
        json.set("latest_charge", to: charge)
        return json
    }

    mutating func createSession(_ call: Call, _ account: StripeAccount) throws -> Reply {
        let session = try StripeSession(
            StripeForm.read(call.body), account: account, id: random.identifier("cs_test_"), at: clock.now)
        stripe.add(session)
        return .json(json(session))
    }

    func listSessions(_ call: Call, _ account: StripeAccount) throws -> Reply {
        var found = stripe.sessions(of: account)
        if let intent = call.query("payment_intent") { found.removeAll { $0.intentID != intent } }
        if let status = call.query("status") { found.removeAll { $0.status.rawValue != status } }
        if let since = call.query("created[gte]").flatMap(Int64.init) { found.removeAll { $0.created < since } }
        return .json(try stripePage(found, call, "/v1/checkout/sessions", id: \.id, json: json))
    }

    mutating func expireSession(_ call: Call, _ account: StripeAccount) throws -> Reply {
        let session = try stripe.session(call.parameter("id"), of: account)
        guard session.status == .open else {
            throw StripeError.make(
                "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a "
                    + "status of \(session.status.rawValue).")
        }
        stripe.sessions[session.id]?.status = .expired
        let expired = try stripe.session(session.id, of: account)
        tellExpired(expired)
        return .json(json(expired))
    }

    mutating func tellExpired(_ session: StripeSession) {
        sendStripeEvent("checkout.session.expired", json(session), about: session.id, session.accountID)
    }

    mutating func createStripeRefund(_ call: Call, _ account: StripeAccount) throws -> Reply {
        let form = StripeForm.read(call.body)
        guard let id = form["payment_intent"]?.asText else { throw StripeError.missing("payment_intent") }
        let intent = try stripe.intent(id, of: account)
        guard intent.status == .succeeded, let charge = intent.chargeID else {
            throw StripeError.make(
                "This PaymentIntent (\(id)) does not have a successful charge to refund.", param: "payment_intent")
        }
        let left = intent.amount - intent.refunded
        guard left > 0 else {
            throw StripeError.make(code: "charge_already_refunded", "Charge \(charge) has already been refunded.")
        }
        let amount = form["amount"]?.asWholeText ?? left
        guard (1...left).contains(amount) else {
            throw StripeError.invalid("amount", "Refund amount is greater than unrefunded amount on charge")
        }
        var refund = StripeRefund(
            id: random.identifier("re_"), intentID: id, chargeID: charge, created: clock.now, amount: amount,
            currency: intent.currency, metadata: form["metadata"] ?? [:], status: "succeeded")
        refund.transactionID = stripe.ledger.book(
            .init(type: "refund", amount: -amount, source: refund.id, accountID: account.id, currency: intent.currency),
            random: &random, at: clock.now)
        stripe.intents[id]?.refunded += amount
        stripe.refunds.append(refund)
        sendStripeEvent("charge.refunded", stripe.intents[id]?.charge ?? .null, about: id, account.id)
        return .json(refund.json)
    }

    func listStripeRefunds(_ call: Call, _ account: StripeAccount) throws -> Reply {
        var found = Array(stripe.refunds.reversed())
        found.removeAll { stripe.intents[$0.intentID]?.accountID != account.id }
        if let intent = call.query("payment_intent") {
            _ = try stripe.intent(intent, of: account)
            found.removeAll { $0.intentID != intent }
        }
        if let since = call.query("created[gte]").flatMap({ Int64($0) }) { found.removeAll { $0.created < since } }
        if let charge = call.query("charge") { found.removeAll { $0.chargeID != charge } }
        return .json(try stripePage(found, call, "/v1/refunds", id: \.id, json: \.json))
    }

    /// `limit` and `starting_after` over a list that is newest first.
    func stripePage<Item>(
        _ items: [Item], _ call: Call, _ url: String, id: (Item) -> String, json: (Item) -> JSON
    ) throws -> JSON {
        let limit = call.query("limit").flatMap(Int.init) ?? 10
        guard (1...100).contains(limit) else { throw StripeError.invalid("limit", "Invalid integer") }
        var rest = items[...]
        if let after = call.query("starting_after") {
            guard let index = items.firstIndex(where: { id($0) == after }) else {
                throw StripeError.unknown("object", after)
            }
            rest = items[(index + 1)...]
        }
        return [
            "object": "list", "data": .list(rest.prefix(limit).map(json)), "has_more": .bool(rest.count > limit),
            "url": .text(url),
        ]
    }
}
