import PaymentModel

/// What columns of grids are called in files for people; XML keeps their names, since programs read those.
enum GridHeader {
    static func texts(_ columns: [String], in language: Language) -> [String] {
        language == .english ? columns : columns.map { french[$0] ?? $0 }
    }

    private static let french = [
        "account": "Compte", "amount": "Montant", "bank_line": "Mouvement bancaire", "booked_on": "Comptabilisé le",
        "client": "Client", "closed_because": "Motif de clôture", "closed_by": "Clos par", "closed_on": "Clos le",
        "credit": "Crédit", "currency": "Devise", "day": "Jour", "debit": "Débit", "discrepancy": "Écart",
        "expected_on": "Attendu le", "fee_vat": "TVA sur commission", "fee_without_vat": "Commission HT",
        "happened_on": "Date de l'opération", "iban": "IBAN", "invoice": "Facture", "journal": "Journal",
        "kind": "Nature", "net": "Net", "no_line_because": "Motif sans mouvement bancaire", "number": "Numéro",
        "opened_on": "Ouvert le", "owner": "Responsable", "paid": "Pointé", "paid_on": "Payé le",
        "payment": "Paiement", "payout": "Virement", "piece": "Pièce", "pointed_by": "Pointé par",
        "provider": "Prestataire", "reference": "Référence", "refunded": "Remboursé", "rule": "Règle",
        "subject": "Objet", "text": "Libellé", "year": "Exercice",
    ]
}
