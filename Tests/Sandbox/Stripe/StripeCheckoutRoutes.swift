/// The hosted page: what the client's browser opens and what its buttons do.
enum StripeCheckoutRoutes {
    static let buttons: [(action: StripeClientAction, label: String)] = [
        (.accept, "Payer"), (.challenge, "Payer avec une carte à authentifier"),
        (.settle, "Terminer l'authentification"), (.fail, "Échouer à l'authentification"),
        (.decline, "Payer avec une carte refusée"), (.giveUp, "Retour"), (.expire, "Laisser expirer"),
    ]

    static func add(to endpoints: Endpoints) {
        endpoints.add(.get, "/checkout/{id}", "checkout-page") { call, world in
            try await world.perform { state in try state.stripePage(call.parameter("id")) }
        }
        for (action, _) in buttons {
            endpoints.add(.post, "/checkout/{id}/\(action.rawValue)", "checkout-\(action.rawValue)") { call, world in
                try await world.perform { state in
                    let id = call.parameter("id")
                    do {
                        if let url = try state.act(action, onSession: id) { return .redirect(to: url) }
                    } catch is Refusal {
                        // Pressed too late: the page says what became of the payment.
                        var page = try state.stripePage(id)
                        page.status = 409
                        return page
                    }
                    return try state.stripePage(id)
                }
            }
        }
    }
}

extension WorldState {
    func stripePage(_ id: String) throws -> Reply {
        guard let session = stripe.sessions[id] else {
            throw Refusal(.html("<!doctype html><h1>Page introuvable</h1>", status: 404))
        }
        let merchant = stripe.accounts[session.accountID]?.name ?? ""
        let intent = session.intentID.flatMap { stripe.intents[$0] }
        let content: String
        if session.status == .open {
            let refused = intent?.declineCode.map { "<p role=\"alert\">Carte refusée (\($0)).</p>" } ?? ""
            let forms = StripeCheckoutRoutes.buttons.map { action, label in
                "<form method=\"post\" action=\"\(url(of: session))/\(action.rawValue)\">"
                    + "<button id=\"\(action.rawValue)\">\(label)</button></form>"
            }
            content = "<p>\(session.title.markupEscaped)</p>\(refused)\(forms.joined())"
        } else {
            content =
                "<p role=\"status\">\(session.status == .complete ? "Paiement reçu." : "Cette page a expiré.")</p>"
        }
        let amount = Cents.text(session.amount).replacing(".", with: ",")
        return .html(
            """
            <!doctype html><html lang="fr"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Stripe (bac à sable)</title></head><body><main><h1>\(merchant.markupEscaped)</h1>
            <p><strong>\(amount) \(session.currency.uppercased())</strong></p>\(content)</main></body></html>
            """)
    }
}
