/// Merchants of PayPal, the truth about their orders, and the client's hand.
enum PayPalControlRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.post, "/paypal/accounts", "add-paypal-account") { call, world in
            let json = try call.json()
            return try await world.perform { state in
                let account = try PayPalAccount(json, random: &state.random)
                state.paypal.put(account)
                return .json(account.controlJSON, status: 201)
            }
        }
        endpoints.add(.delete, "/paypal/tokens", "forget-paypal-tokens") { _, world in
            await world.perform { state in
                state.paypal.forgetTokens()
                return .noContent
            }
        }
        endpoints.add(.get, "/paypal/payments", "paypal-payments") { call, world in
            await world.perform { state in
                var found = Array(state.paypal.orders.values)
                if let payment = call.query("payment") { found.removeAll { $0.invoiceID != payment } }
                found.sort { ($0.created, $0.id) < ($1.created, $1.id) }
                return .json(.list(found.map { state.truth(of: $0) }))
            }
        }
        endpoints.add(.get, "/paypal/payments/{id}", "paypal-payment") { call, world in
            try await world.perform { state in
                guard let order = state.paypal.orders[call.parameter("id")] else {
                    throw Refusal.control("no such order", status: 404)
                }
                return .json(state.truth(of: order))
            }
        }
        endpoints.add(.post, "/paypal/refunds/{id}/fail", "paypal-refund-fails") { call, world in
            try await world.perform { state in .json(try state.fail(payPalRefund: call.parameter("id"))) }
        }
        endpoints.add(.post, "/paypal/refunds/{id}", "paypal-refund") { call, world in
            guard let status = try call.json()["status"]?.asText else { throw Refusal.control("'status' is missing") }
            return try await world.perform { state in
                .json(try state.settle(payPalRefund: call.parameter("id"), as: status))
            }
        }
        endpoints.add(.post, "/paypal/payments/{id}/act", "paypal-act") { call, world in
            guard let action = try call.json()["action"]?.asText.flatMap(PayPalClientAction.init(rawValue:)) else {
                let known = PayPalClientAction.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal.control("'action' must be one of: \(known)")
            }
            return try await world.perform { state in
                .json(["redirect": .optional(try state.act(action, onOrder: call.parameter("id")))])
            }
        }
    }
}

extension WorldState {
    fileprivate func truth(of order: PayPalOrder) -> JSON {
        var json = order.json(baseURL: paypalURL)
        json.set("captured", to: .bool(order.capture != nil))
        json.set("amount", to: .integer(order.amount))
        json.set("fee", to: .integer(order.capture?.fee ?? 0))
        json.set("refunded", to: .integer(order.refunded))
        json.set("refunds", to: .list(order.refunds.map { order.json(of: $0, baseURL: paypalURL) }))
        json.set("custom_id", to: .optional(order.customID))
        return json
    }
}
