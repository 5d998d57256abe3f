/// The merchant's API, by the real one's paths.
enum AlmaRoutes {
    static func add(to endpoints: Endpoints) {
        addMerchant(endpoints)
        addPayments(endpoints)
        addMoneyBack(endpoints)
        AlmaReportRoutes.add(to: endpoints)
        AlmaCheckoutRoutes.add(to: endpoints)
    }

    private static func addMerchant(_ endpoints: Endpoints) {
        endpoints.add(.get, "/v1/me", "me") { call, world in
            try await world.alma(call) { _, account in .json(account.json) }
        }
        endpoints.add(.get, "/v1/me/extended-data", "extended-data") { call, world in
            try await world.alma(call) { _, account in .json(account.json) }
        }
        endpoints.add(.get, "/v1/me/fee-plans", "fee-plans") { call, world in
            try await world.alma(call) { _, account in .json(feePlans(account, call)) }
        }
        endpoints.add(.post, "/v2/payments/eligibility", "eligibility") { call, world in
            try await world.alma(call) { state, account in
                .json(try AlmaEligibility(call.almaJSON(), for: account, at: state.clock.now).answers)
            }
        }
    }

    private static func addPayments(_ endpoints: Endpoints) {
        endpoints.add(.post, "/v1/payments", "create-payment") { call, world in
            try await world.alma(call) { state, account in try state.createPayment(call, account) }
        }
        endpoints.add(.get, "/v1/payments", "list-payments") { call, world in
            try await world.alma(call) { state, account in try state.listPayments(call, account) }
        }
        endpoints.add(.get, "/v1/payments/{id}", "get-payment") { call, world in
            try await world.alma(call) { state, account in
                .json(state.json(try state.alma.payment(call.parameter("id"), of: account)))
            }
        }
        endpoints.add(.post, "/v1/payments/{id}", "edit-payment") { call, world in
            try await world.alma(call) { state, account in try state.editPayment(call, account) }
        }
        endpoints.add(.put, "/v1/payments/{id}/cancel", "cancel-payment") { call, world in
            try await world.alma(call) { state, account in try state.cancelPayment(call, account) }
        }
        endpoints.add(.post, "/v1/payments/{id}/send-sms", "send-sms") { call, world in
            try await world.alma(call) { state, account in try state.messageCustomer(call, account) }
        }
    }

    private static func addMoneyBack(_ endpoints: Endpoints) {
        endpoints.add(.post, "/v1/payments/{id}/refund", "refund-payment") { call, world in
            try await world.alma(call) { state, account in
                let id = try state.refund(call, account).payment
                return .json(state.json(try state.alma.payment(id, of: account)))
            }
        }
        endpoints.add(.post, "/v1/payments/{id}/refunds", "create-refund") { call, world in
            try await world.alma(call) { state, account in .json(try state.refund(call, account).refund.json) }
        }
    }

    /// Filters by the words true and false only, as the provider insists.
    private static func feePlans(_ account: AlmaAccount, _ call: Call) -> JSON {
        var plans = account.plans
        if call.query("deferred") == "false" { plans.removeAll(where: \.isDeferred) }
        if call.query("only") == nil { plans.removeAll { !$0.isAllowed } }
        if let only = call.query("only"), only != "all" {
            let counts = only.split(separator: ",").compactMap { Int64($0) }
            plans.removeAll { !counts.contains($0.instalments) }
        }
        return .list(plans.map { $0.json(merchantID: account.merchantID) })
    }
}

extension World {
    /// One step of the provider for the merchant whose key the call carries.
    func alma(
        _ call: Call, _ body: @Sendable (inout WorldState, AlmaAccount) throws -> Reply
    ) throws -> Reply {
        try perform { state in
            let scheme = "Alma-Auth "
            guard let header = call.header("authorization"), header.hasPrefix(scheme),
                let account = state.alma.account(key: String(header.dropFirst(scheme.count)))
            else { throw AlmaError.badKey }
            return try body(&state, account)
        }
    }
}

extension Call {
    /// The body as the provider reads it: broken JSON is a validation error of its own.
    func almaJSON() throws -> JSON {
        guard !body.isEmpty else { return [:] }
        do throws(JSONMalformed) {
            return try JSON(reading: body)
        } catch {
            throw AlmaError.validation(field: "", code: "invalid_type", message: "JSON invalide")
        }
    }
}
