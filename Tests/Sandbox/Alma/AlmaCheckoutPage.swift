/// The hosted page a client sees: the schedule, the legal mention, and a button for each way it can end.
struct AlmaCheckoutPage {
    let payment: AlmaPayment
    let merchantName: String
    /// Path of the page, to which the buttons post.
    let path: String

    var html: String { payment.isOpen ? open : closed }

    private var open: String {
        frame(
            """
            <p>\(merchantName.markupEscaped) — <strong>\(euros(payment.amount))</strong>
            en \(payment.plan.instalments) fois (\(payment.plan.kind.markupEscaped))</p>
            \(schedule)
            <p><small>Attention ! Un crédit coûte de l'argent et doit être remboursé !</small></p>
            \(payment.isChallenged ? challenge : ways)
            \(button("give-up", "Annuler le paiement"))
            \(button("leave", "Revenir plus tard"))
            """)
    }

    private var ways: String {
        button("accept", "Payer") + button("decline", "Payer avec une carte refusée")
            + button("challenge", "Payer avec une carte dont la banque demande une confirmation")
    }

    private var challenge: String {
        "<p role=\"status\">Votre banque vous demande de confirmer ce paiement.</p>"
            + button("accept", "Confirmer") + button("decline", "Ne pas confirmer")
    }

    private var closed: String {
        frame("<p role=\"status\">\(sentence)</p>\(payment.isAccepted ? schedule : "")")
    }

    private var sentence: String {
        if payment.isAccepted { return "Paiement accepté." }
        switch payment.cancelation {
        case .expired: return "Ce lien de paiement a expiré."
        case .merchant: return "Ce paiement a été annulé par le marchand."
        case .customer: return "Vous avez annulé ce paiement."
        case nil: return "Paiement refusé."
        }
    }

    private var schedule: String {
        let rows = payment.schedule.map { line in
            "<tr><td>\(CivilDate(unixSeconds: line.dueAt).text)</td><td>\(euros(line.purchaseAmount))</td>"
                + "<td>\(euros(line.customerFee))</td><td>\(euros(line.total))</td></tr>"
        }
        return "<table><tr><th>Date</th><th>Achat</th><th>Frais</th><th>Total</th></tr>\(rows.joined())</table>"
    }

    private func button(_ action: String, _ label: String) -> String {
        "<form method=\"post\" action=\"\(path)/\(action)\"><button id=\"\(action)\">\(label)</button></form>"
    }

    private func euros(_ cents: Int64) -> String {
        Cents.text(cents).replacing(".", with: ",") + " €"
    }

    private func frame(_ content: String) -> String {
        """
        <!doctype html><html lang="fr"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width"><title>Alma (bac à sable)</title></head>
        <body><main><h1>Paiement Alma (bac à sable)</h1>\(content)</main></body></html>
        """
    }
}
