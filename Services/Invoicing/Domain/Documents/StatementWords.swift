package import PaymentModel

/// The words of a client's statement and receipt, in the language of whoever reads them.
package struct StatementWords: Sendable {
    package let language: Language

    package init(language: Language) { self.language = language }

    private func choose(_ french: String, _ english: String) -> String { language == .french ? french : english }

    package var title: String { choose("Relevé de compte", "Statement of account") }
    package var client: String { choose("Client", "Client") }
    package var day: String { choose("Date", "Date") }
    package var kind: String { choose("Nature", "Kind") }
    package var reference: String { choose("Référence", "Reference") }
    package var owed: String { choose("Débit", "Debit") }
    package var paid: String { choose("Crédit", "Credit") }
    package var balance: String { choose("Solde", "Balance") }
    package var turnover: String { choose("Total de la période", "Total of the period") }
    package var noMovement: String { choose("Aucun mouvement sur la période.", "No movement in the period.") }

    package func opening(_ day: LocalDate) -> String {
        choose("Solde d’ouverture au \(Wording.date(day))", "Opening balance on \(Wording.date(day))")
    }

    package func closing(_ day: LocalDate) -> String {
        choose("Solde au \(Wording.date(day))", "Balance on \(Wording.date(day))")
    }

    package func period(_ from: LocalDate, _ to: LocalDate) -> String {
        choose(
            "Du \(Wording.date(from)) au \(Wording.date(to))", "From \(Wording.date(from)) to \(Wording.date(to))")
    }

    /// Who owes whom, since a sign alone is read both ways.
    package func meaning(of balance: Money) -> String {
        if balance.isPositive { return choose("Reste à payer", "Amount due") }
        return balance.isNegative ? choose("En votre faveur", "In your favour") : choose("Compte soldé", "Settled")
    }

    package func amount(_ money: Money) -> String { Wording.amount(money, in: language) }

    package func kind(of movement: AccountMovement) -> String {
        switch movement.kind {
        case .invoice: choose("Facture", "Invoice")
        case .receivable: choose("Créance", "Receivable")
        case .creditNote: choose("Avoir", "Credit note")
        case .payment: choose("Règlement", "Payment")
        case .refund: choose("Remboursement", "Refund")
        case .refundReturn: choose("Remboursement revenu", "Refund returned")
        case .chargeBack: choose("Litige perdu", "Charged back")
        case .reversal: choose("Règlement annulé", "Payment reversed")
        case .writeOff: choose("Abandon de créance", "Write-off")
        // A credit note is another thing, and what was put away comes back the other way round.
        case .archive:
            movement.amount.isNegative
                ? choose("Paiement remis au compte", "Payment restored")
                : choose("Paiement archivé", "Payment archived")
        }
    }
}
