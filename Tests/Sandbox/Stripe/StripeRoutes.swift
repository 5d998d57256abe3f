/// The merchant's API, by Stripe's own paths.
enum StripeRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.get, "/v1/account", "account") { call, world in
            try await world.stripe(call) { _, account in .json(account.json) }
        }
        addSessions(endpoints)
        addMoney(endpoints)
        StripeReportRoutes.add(to: endpoints)
        StripeCheckoutRoutes.add(to: endpoints)
    }

    private static func addSessions(_ endpoints: Endpoints) {
        endpoints.add(.post, "/v1/checkout/sessions", "create-session") { call, world in
            try await world.stripe(call) { state, account in try state.createSession(call, account) }
        }
        endpoints.add(.get, "/v1/checkout/sessions", "list-sessions") { call, world in
            try await world.stripe(call) { state, account in try state.listSessions(call, account) }
        }
        endpoints.add(.get, "/v1/checkout/sessions/{id}", "get-session") { call, world in
            try await world.stripe(call) { state, account in
                .json(state.json(try state.stripe.session(call.parameter("id"), of: account)))
            }
        }
        endpoints.add(.post, "/v1/checkout/sessions/{id}/expire", "expire-session") { call, world in
            try await world.stripe(call) { state, account in try state.expireSession(call, account) }
        }
    }

    private static func addMoney(_ endpoints: Endpoints) {
        endpoints.add(.get, "/v1/payment_intents/{id}", "get-intent") { call, world in
            try await world.stripe(call) { state, account in
                let intent = try state.stripe.intent(call.parameter("id"), of: account)
                return .json(state.json(intent, expanding: call.expanded))
            }
        }
        endpoints.add(.post, "/v1/refunds", "create-refund") { call, world in
            try await world.stripe(call) { state, account in try state.createStripeRefund(call, account) }
        }
        endpoints.add(.get, "/v1/refunds", "list-refunds") { call, world in
            try await world.stripe(call) { state, account in try state.listStripeRefunds(call, account) }
        }
        endpoints.add(.get, "/v1/refunds/{id}", "get-refund") { call, world in
            try await world.stripe(call) { state, account in
                let id = call.parameter("id")
                guard let refund = state.stripe.refunds.first(where: { $0.id == id }),
                    state.stripe.intents[refund.intentID]?.accountID == account.id
                else { throw StripeError.unknown("refund", id) }
                return .json(refund.json)
            }
        }
    }
}

extension Call {
    var expanded: Set<String> { Set(query.filter { $0.name.hasPrefix("expand[") }.map(\.value)) }
}

extension World {
    /// One step of Stripe for the account whose key the call carries; a repeated one gets its first answer.
    func stripe(
        _ call: Call, _ body: @Sendable (inout WorldState, StripeAccount) throws -> Reply
    ) throws -> Reply {
        try perform { state in
            let scheme = "Bearer "
            guard let header = call.header("authorization"), header.hasPrefix(scheme),
                let account = state.stripe.account(key: String(header.dropFirst(scheme.count)))
            else { throw StripeError.badKey }
            guard call.method == "POST", let name = call.header("idempotency-key") else {
                return try body(&state, account)
            }
            guard name.utf8.count <= 255 else {
                throw StripeError.make(type: "idempotency_error", "Idempotency keys are at most 255 characters long.")
            }
            let (key, request) = ("\(account.id) \(name)", call.path + String(decoding: call.body, as: UTF8.self))
            if let known = try state.stripe.idempotency.replay(key, request, at: state.clock.now) { return known }
            // What is refused before it begins is not remembered.
            let reply = try body(&state, account)
            state.stripe.idempotency.remember(key, request, reply, at: state.clock.now)
            return reply
        }
    }
}
