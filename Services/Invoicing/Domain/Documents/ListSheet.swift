package import PaymentModel

/// A list that comes whole as a file for spreadsheets, and what its columns are called.
package enum ListSheet: String, Sendable {
    case overdue, ageing, receivables
    case paymentsOnAccount = "payments-on-account"

    package func headings(in language: Language) -> [String] { language == .french ? french : english }

    private var french: [String] {
        switch self {
        case .overdue:
            [
                "Clinique", "Client", "Pièce", "Reste dû", "Devise", "Échéance", "Jours de retard",
                "Niveau de relance", "Prescription",
            ]
        case .ageing:
            [
                "Clinique", "Devise", "Non échu", "1 à 30 jours", "31 à 60 jours", "61 à 90 jours",
                "Plus de 90 jours",
            ]
        case .receivables:
            [
                "Clinique", "Client", "Libellé", "Date", "Échéance", "Montant", "Payé", "Crédité", "Abandonné",
                "Reste dû", "Devise",
            ]
        case .paymentsOnAccount:
            [
                "Clinique", "Client", "Reçu", "Date", "Mode", "Montant", "Affecté", "Disponible", "Remboursé",
                "Litiges perdus", "Annulé", "Archivé", "Devise",
            ]
        }
    }

    private var english: [String] {
        switch self {
        case .overdue:
            [
                "Clinic", "Client", "Document", "Due", "Currency", "Due on", "Days late", "Dunning level",
                "Limitation",
            ]
        case .ageing:
            ["Clinic", "Currency", "Not due", "1 to 30 days", "31 to 60 days", "61 to 90 days", "Over 90 days"]
        case .receivables:
            [
                "Clinic", "Client", "Label", "Date", "Due on", "Amount", "Paid", "Credited", "Written off", "Due",
                "Currency",
            ]
        case .paymentsOnAccount:
            [
                "Clinic", "Client", "Receipt", "Date", "Method", "Amount", "Allocated", "Available", "Refunded",
                "Charged back", "Reversed", "Archived", "Currency",
            ]
        }
    }
}
