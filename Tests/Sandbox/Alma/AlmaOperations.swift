// What the merchant's requests do to the world; each is one synchronous step.
extension WorldState {
    func url(of payment: AlmaPayment) -> String { "\(publicURL)/alma/checkout/\(payment.id)" }

    func json(_ payment: AlmaPayment) -> JSON {
        payment.json(url: url(of: payment), merchantName: alma.account(of: payment)?.name ?? "")
    }

    /// Two equal requests make two payments: the provider knows no idempotency key.
    mutating func createPayment(_ call: Call, _ account: AlmaAccount) throws -> Reply {
        let creation = try AlmaCreation(call.almaJSON(), for: account)
        let now = clock.now
        let terms = AlmaTerms(
            creation.plan, amount: creation.amount, from: now, merchantCoversAll: creation.coversAllFees)
        let payment = AlmaPayment(
            id: random.identifier("payment_"), merchantID: account.merchantID, created: now, updated: now,
            amount: creation.amount, plan: creation.plan, coversAllFees: creation.coversAllFees,
            expiresAt: now + creation.expiresAfterMinutes * 60, details: creation.details, terms: terms,
            schedule: terms.schedule)
        alma.add(payment)
        return .json(json(payment))
    }

    func listPayments(_ call: Call, _ account: AlmaAccount) throws -> Reply {
        let states = call.query("state")?.split(separator: ",").map(String.init)
        let after = call.query("created_after").flatMap(Int64.init) ?? .min
        let before = call.query("created_before").flatMap(Int64.init) ?? .max
        let email = call.query("customer_email")
        let limit = try pageLimit(call)
        let found = alma.payments(of: account.merchantID, after: call.query("starting_after"), limit: limit + 1) {
            (states?.contains($0.state.rawValue) ?? true) && (after...max(after, before)).contains($0.created)
                && (email == nil || $0.details.customerEmail == email)
        }
        return .json([
            "data": .list(found.prefix(limit).map { json($0) }), "has_more": .bool(found.count > limit),
        ])
    }

    private func pageLimit(_ call: Call) throws -> Int {
        let limit = call.query("limit").flatMap(Int.init) ?? 20
        guard (1...100).contains(limit) else {
            throw AlmaError.validation(field: "limit", code: "invalid_value", message: "Entre 1 et 100")
        }
        return limit
    }

    /// `limit` and `starting_after` over a list that is newest first.
    func page<Item>(
        _ items: [Item], _ call: Call, id: (Item) -> String, json: (Item) -> JSON
    ) throws -> JSON {
        var rest = items[...]
        if let after = call.query("starting_after"), let index = items.firstIndex(where: { id($0) == after }) {
            rest = items[(index + 1)...]
        }
        let limit = try pageLimit(call)
        return ["data": .list(rest.prefix(limit).map(json)), "has_more": .bool(rest.count > limit)]
    }

    mutating func editPayment(_ call: Call, _ account: AlmaAccount) throws -> Reply {
        let payment = try alma.payment(call.parameter("id"), of: account)
        guard !payment.isAccepted else { throw AlmaError.other("payment_started", "Paiement commencé", status: 400) }
        let edit = try call.almaJSON()["payment"] ?? [:]
        let now = clock.now
        try alma.change(payment.id, random: &random, at: now) { payment in
            if let data = edit.given("custom_data"), data.isObject { payment.details.customData = data }
            if let locale = edit.given("locale")?.asText { payment.details.locale = locale }
            payment.updated = now
        }
        return .json(json(try alma.payment(payment.id, of: account)))
    }

    mutating func cancelPayment(_ call: Call, _ account: AlmaAccount) throws -> Reply {
        let payment = try alma.payment(call.parameter("id"), of: account)
        guard payment.isOpen else {
            throw AlmaError.other(
                "payment_cant_be_canceled", "Ce paiement ne peut pas être annulé dans son état actuel", status: 400)
        }
        let now = clock.now
        try alma.change(payment.id, random: &random, at: now) { payment in try payment.cancel(.merchant, at: now) }
        return .noContent
    }

    mutating func refund(_ call: Call, _ account: AlmaAccount) throws -> (payment: String, refund: AlmaRefund) {
        let payment = try alma.payment(call.parameter("id"), of: account)
        let body = try call.almaJSON()
        var check = AlmaValidation()
        let asked = check.integer(body, "amount", at: "", in: 1...Int64(Int32.max))
        let reference = check.text(body, "merchant_reference", at: "")
        let comment = check.text(body, "comment", at: "")
        if !payment.isAccepted { check.report("payment", "invalid_value", "Le paiement n'a pas commencé") }
        let left = payment.amount - payment.refunded
        if payment.isAccepted, asked ?? left > left || left == 0 {
            check.report("amount", "invalid_value", "Le remboursement dépasse le montant restant (\(left))")
        }
        try check.finish()
        let now = clock.now
        let refund = AlmaRefund(
            id: random.identifier("refund_"), created: now, amount: asked ?? left, merchantReference: reference,
            comment: comment)
        try alma.change(payment.id, random: &random, at: now) { payment in try payment.refund(refund, at: now) }
        return (payment.id, refund)
    }

    func messageCustomer(_ call: Call, _ account: AlmaAccount) throws -> Reply {
        let payment = try alma.payment(call.parameter("id"), of: account)
        guard account.mayMessageCustomers else {
            throw AlmaError.other("forbidden", "Fonction non autorisée pour ce compte", status: 403)
        }
        guard payment.details.customer.given("phone") != nil else {
            throw AlmaError.validation(
                field: "customer.phone", code: "missing_field", message: "Ce champ est obligatoire")
        }
        return .json(["success": true])
    }
}
