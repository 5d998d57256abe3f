/// What a client can do on PayPal's page or later, by hand or by the control API.
enum PayPalClientAction: String, Sendable, CaseIterable {
    case accept, decline, expire, leave
    /// The client agrees, and at the capture the bank asks who it is; then accept or decline.
    case challenge
    case giveUp = "give-up"
    /// The client agrees, and PayPal looks at the capture before it takes the money; then settle.
    case acceptSlowly = "accept-slowly"
    case settle
    /// The client complains; then win or lose.
    case dispute
    case winDispute = "win-dispute"
    case loseDispute = "lose-dispute"
    /// PayPal takes a case up again that had ended, as after an appeal; then win or lose.
    case reopenDispute = "reopen-dispute"
    /// PayPal takes the money back of itself.
    case reverse
    /// PayPal has the order no more, and what it captured still.
    case forget
}

/// The page where the client agrees: what the browser opens and what its buttons do.
enum PayPalCheckoutRoutes {
    static let buttons: [(action: PayPalClientAction, label: String)] = [
        (.accept, "Accepter et payer"), (.decline, "Payer par un moyen qui sera refusé"),
        (.challenge, "Payer par un moyen dont la banque demandera une confirmation"), (.giveUp, "Annuler"),
        (.expire, "Laisser expirer"),
    ]

    static func add(to endpoints: Endpoints) {
        endpoints.add(.get, "/checkout/{id}", "checkout-page") { call, world in
            try await world.perform { state in try state.paypalPage(call.parameter("id")) }
        }
        for (action, _) in buttons {
            endpoints.add(.post, "/checkout/{id}/\(action.rawValue)", "checkout-\(action.rawValue)") { call, world in
                try await world.perform { state in
                    let id = call.parameter("id")
                    do {
                        if let url = try state.act(action, onOrder: id) { return .redirect(to: url) }
                    } catch is Refusal {
                        // Pressed too late: the page says what became of the payment.
                        var page = try state.paypalPage(id)
                        page.status = 409
                        return page
                    }
                    return try state.paypalPage(id)
                }
            }
        }
    }
}

extension WorldState {
    /// Plays the client; answers where the browser goes next, if anywhere.
    mutating func act(_ action: PayPalClientAction, onOrder id: String) throws -> String? {
        guard let order = paypal.orders[id], let account = paypal.accounts[order.clientID] else {
            throw Refusal.control("no order \(id)", status: 404)
        }
        switch action {
        case .dispute: try dispute(order, account)
        case .winDispute, .loseDispute: try decide(action, order, account)
        case .reopenDispute: try reopen(order, account)
        case .reverse: try reverse(order, account)
        case .forget: paypal.change(id) { $0.isForgotten = true }
        case .settle: try settle(order, account)
        case .accept, .acceptSlowly, .decline, .challenge, .expire, .leave, .giveUp:
            return try actOpen(action, order, account)
        }
        return nil
    }

    private mutating func actOpen(
        _ action: PayPalClientAction, _ order: PayPalOrder, _ account: PayPalAccount
    ) throws -> String? {
        let id = order.id
        guard order.isOpen, !order.isGone(at: clock.now) else {
            throw Refusal.control("the order is \(order.status): not open any more", status: 409)
        }
        switch action {
        case .accept, .acceptSlowly, .decline, .challenge:
            let now = clock.now
            let issues: [PayPalClientAction: String] = [
                .decline: "INSTRUMENT_DECLINED", .challenge: "PAYER_ACTION_REQUIRED",
            ]
            paypal.change(id) { order in
                (order.status, order.nextCaptureIssue) = ("APPROVED", issues[action])
                order.capturesSlowly = action == .acceptSlowly
                order.updated = max(now, order.updated + 1)
            }
            let approved = paypal.orders[id]?.json(baseURL: paypalURL) ?? .null
            sendPayPalEvent("CHECKOUT.ORDER.APPROVED", "checkout-order", approved, about: id, account)
            return order.returnURL.addingQuery("token", id).addingQuery("PayerID", "SANDBOXPAYER1")
        case .expire:
            paypal.change(id) { $0.isForgotten = true }
            return nil
        case .leave, .giveUp, .dispute, .winDispute, .loseDispute, .reopenDispute, .reverse, .forget, .settle:
            return order.cancelURL.addingQuery("token", id)
        }
    }

    func paypalPage(_ id: String) throws -> Reply {
        guard let order = paypal.orders[id], !order.isGone(at: clock.now) else {
            throw Refusal(.html("<!doctype html><h1>Page introuvable</h1>", status: 404))
        }
        let merchant = paypal.accounts[order.clientID]?.name ?? ""
        let content: String
        if order.isOpen {
            let forms = PayPalCheckoutRoutes.buttons.map { action, label in
                "<form method=\"post\" action=\"\(paypalURL)/checkout/\(id)/\(action.rawValue)\">"
                    + "<button id=\"\(action.rawValue)\">\(label)</button></form>"
            }
            content = "<p>\((order.description ?? "").markupEscaped)</p>\(forms.joined())"
        } else {
            content = "<p role=\"status\">Paiement effectué.</p>"
        }
        let amount = Cents.text(order.amount).replacing(".", with: ",")
        return .html(
            """
            <!doctype html><html lang="fr"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>PayPal (bac à sable)</title></head><body><main><h1>\(merchant.markupEscaped)</h1>
            <p><strong>\(amount) \(order.currency)</strong></p>\(content)</main></body></html>
            """)
    }
}
