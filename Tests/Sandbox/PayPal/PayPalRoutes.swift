/// The merchant's API, by PayPal's own paths.
enum PayPalRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.post, "/v1/oauth2/token", "token") { call, world in
            try await world.perform { try $0.issuePayPalToken(call) }
        }
        endpoints.add(.get, "/v1/notifications/certs/{id}", "certificate") { call, world in
            try await world.perform { state in
                guard call.parameter("id") == PayPalSigner.name else { throw PayPalError.unknown }
                return Reply(
                    status: 200, headers: [("content-type", "application/x-pem-file")],
                    body: Array(try state.paypalSigner().certificate.utf8))
            }
        }
        addOrders(endpoints)
        addPayments(endpoints)
        addDisputes(endpoints)
        PayPalCheckoutRoutes.add(to: endpoints)
    }

    private static func addOrders(_ endpoints: Endpoints) {
        endpoints.add(.post, "/v2/checkout/orders", "create-order") { call, world in
            try await world.paypal(call, rememberedHours: 6) { state, account in
                try state.createOrder(call, account)
            }
        }
        endpoints.add(.get, "/v2/checkout/orders/{id}", "get-order") { call, world in
            try await world.paypal(call) { state, account in
                let order = try state.paypal.order(call.parameter("id"), of: account, at: state.clock.now)
                return .json(order.json(baseURL: state.paypalURL))
            }
        }
        endpoints.add(.patch, "/v2/checkout/orders/{id}", "update-order") { call, world in
            try await world.paypal(call) { state, account in try state.updateOrder(call, account) }
        }
        endpoints.add(.post, "/v2/checkout/orders/{id}/capture", "capture-order") { call, world in
            try await world.paypal(call, rememberedHours: 6) { state, account in
                try state.captureOrder(call, account)
            }
        }
    }

    private static func addPayments(_ endpoints: Endpoints) {
        endpoints.add(.get, "/v2/payments/captures/{id}", "get-capture") { call, world in
            try await world.paypal(call) { state, account in
                let order = try state.paypal.order(ofCapture: call.parameter("id"), account)
                return .json(order.captureJSON(baseURL: state.paypalURL))
            }
        }
        endpoints.add(.get, "/v2/payments/refunds/{id}", "get-refund") { call, world in
            try await world.paypal(call) { state, account in
                let (order, refund) = try state.paypal.refund(call.parameter("id"), account)
                return .json(order.json(of: refund, baseURL: state.paypalURL))
            }
        }
        endpoints.add(.post, "/v2/payments/captures/{id}/refund", "refund-capture") { call, world in
            try await world.paypal(call, rememberedHours: 45 * 24) { state, account in
                try state.refundCapture(call, account)
            }
        }
        endpoints.add(.get, "/v1/reporting/transactions", "transactions") { call, world in
            try await world.paypal(call) { state, account in try state.searchTransactions(call, account) }
        }
    }
}

extension World {
    /// One step of PayPal for the account whose token the call carries; a request known again gets its first answer.
    func paypal(
        _ call: Call, rememberedHours hours: Int64 = 0,
        _ body: @Sendable (inout WorldState, PayPalAccount) throws -> Reply
    ) throws -> Reply {
        try perform { state in
            let now = state.clock.now
            let scheme = "Bearer "
            guard let header = call.header("authorization"), header.hasPrefix(scheme),
                let account = state.paypal.account(token: String(header.dropFirst(scheme.count)), at: now)
            else { throw PayPalError.badToken }
            guard hours > 0, let name = call.header("paypal-request-id") else { return try body(&state, account) }
            guard (1...108).contains(name.count) else {
                throw PayPalError.invalid("PayPal-Request-Id", "INVALID_STRING_LENGTH")
            }
            let key = "\(account.clientID) \(call.path) \(name)"
            if var known = state.paypal.answer(to: key, at: now) {
                if known.status < 300 { known.status = 200 }
                return known
            }
            // Whether what is refused is remembered, PayPal does not say: an account has it either way.
            let reply: Reply
            do { reply = try body(&state, account) } catch let refusal as Refusal where account.remembersRefusals {
                reply = refusal.reply
            }
            state.paypal.remember(key, reply, until: now + hours * 3_600)
            return reply
        }
    }
}
