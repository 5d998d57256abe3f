import PaymentModel

/// What columns of grids are called in files for people; XML keeps their names, since programs read those.
enum GridHeader {
    static func texts(_ columns: [String], in language: Language) -> [String] {
        language == .english ? columns : columns.map { french[$0] ?? $0 }
    }

    private static let french = [
        "accepted": "Acceptés", "account": "Compte", "account_label": "Intitulé du compte", "amount": "Montant",
        "average_basket": "Panier moyen", "balance": "Solde", "bank_line": "Mouvement bancaire", "base": "Base HT",
        "basket": "Panier à partir de", "begins_on": "Début", "booked_on": "Comptabilisé le", "cancelled": "Annulés",
        "cancelled_by": "Annulé par", "cleared_by": "Soldé par", "cleared_into": "Soldé sur", "cleared_on": "Soldé le",
        "client": "Client", "clinic": "Clinique", "clinician": "Praticien", "closed_because": "Motif de clôture",
        "closed_by": "Clos par", "closed_on": "Clos le", "counted": "Compté", "credit": "Crédit", "currency": "Devise",
        "day": "Jour", "debit": "Débit", "difference": "Différence", "discrepancy": "Écart", "entry": "Écriture",
        "expected": "Attendu", "expected_on": "Attendu le", "expired": "Expirés", "fee_vat": "TVA sur commission",
        "fee_without_vat": "Commission HT", "happened_on": "Date de l'opération", "held_by": "Mis en attente par",
        "iban": "IBAN", "in_instalments": "En plusieurs fois", "instalment_share": "Part en plusieurs fois",
        "invoice": "Facture", "journal": "Journal", "kind": "Nature", "label": "Intitulé", "late": "En retard",
        "made_on": "Remis le", "method": "Mode de règlement", "net": "Net",
        "no_line_because": "Motif sans mouvement bancaire", "number": "Numéro", "opened_on": "Ouvert le",
        "owner": "Responsable", "paid": "Pointé", "paid_on": "Payé le", "payment": "Paiement", "payments": "Paiements",
        "payout": "Virement", "piece": "Pièce", "plan": "Formule", "pointed_by": "Pointé par",
        "provider": "Prestataire", "rate": "Taux", "reason": "Motif", "receipt": "Reçu", "reference": "Référence",
        "refunded": "Remboursé", "refused": "Refusés", "remittance": "Remise", "rule": "Règle", "subject": "Objet",
        "taken_back_because": "Motif d'annulation", "taken_back_by": "Annulé par", "taken_back_on": "Annulé le",
        "taking": "Règlement", "text": "Libellé", "undone_by": "Dépointé par", "undone_on": "Dépointé le", "vat": "TVA",
        "year": "Exercice",
    ]
}
