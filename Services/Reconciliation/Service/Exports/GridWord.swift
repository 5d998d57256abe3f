/// Codes of ours as people read them in files.
extension Cell {
    /// A code that has French words; one that has none, such as of a newer version, is written as it is.
    init(code: String?) { self = code.map { .word($0, french: Cell.french[$0] ?? $0) } ?? .empty }

    /// Yes or no.
    init(isTrue: Bool) { self.init(code: isTrue ? "yes" : "no") }

    /// Who did something: a person by name, or matching.
    init(author: String?) { self = author == "matching" ? .word("matching", french: "rapprochement") : Cell(author) }

    private static let french = [
        "yes": "oui", "no": "non",
        // Providers.
        "alma": "Alma", "paypal": "PayPal", "stripe": "Stripe",
        // Rows of the fee screen.
        "correction": "régularisation", "difference": "différence", "dispute": "litige", "dispute-won": "litige gagné",
        "payment": "paiement", "refund": "remboursement", "refund-returned": "remboursement revenu",
        "unexplained": "inexpliqué",
        // Discrepancies.
        "amount": "montant", "duplicate": "doublon", "fee": "commission", "late": "en retard",
        "missing-payout": "virement manquant", "payout-amount": "montant du virement",
        "unknown-payment": "paiement inconnu",
        // What is held on account 471.
        "cash-up": "caisse", "discrepancy": "écart", "payout": "virement", "remittance": "remise",
        // How something was pointed.
        "amount-and-date": "montant et date", "by-hand": "à la main", "nothing": "rien à virer",
        "organisation-rule": "règle de l'organisation", "provider": "parole du prestataire",
        "reference": "référence", "sum": "somme",
        // What was taken at a till.
        "card": "carte", "cash": "espèces", "cheque": "chèque", "direct-debit": "prélèvement", "other": "autre",
        "transfer": "virement",
    ]
}
