/// The hosted page: what the client's browser opens and what its buttons do.
enum AlmaCheckoutRoutes {
    static func add(to endpoints: Endpoints) {
        endpoints.add(.get, "/checkout/{id}", "checkout-page") { call, world in
            try await world.perform { state in try state.checkoutPage(call.parameter("id")) }
        }
        for action in AlmaClientAction.allCases where action != .expire {
            endpoints.add(.post, "/checkout/{id}/\(action.rawValue)", "checkout-\(action.rawValue)") { call, world in
                try await world.perform { state in try state.press(action, call.parameter("id")) }
            }
        }
    }
}

extension WorldState {
    func checkoutPage(_ id: String) throws -> Reply {
        guard let payment = alma.payments[id], let account = alma.account(of: payment) else {
            throw Refusal(.html("<!doctype html><h1>Paiement introuvable</h1>", status: 404))
        }
        let path = url(of: payment)
        return .html(AlmaCheckoutPage(payment: payment, merchantName: account.name, path: path).html)
    }

    /// A button pressed too late shows what became of the payment instead.
    mutating func press(_ action: AlmaClientAction, _ id: String) throws -> Reply {
        do {
            if let url = try act(action, on: id) { return .redirect(to: url) }
        } catch AlmaPayment.Rejection.notPossible {
            var page = try checkoutPage(id)
            page.status = 409
            return page
        }
        return try checkoutPage(id)
    }
}
