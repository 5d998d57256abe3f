import InvoicingDomain
import PaymentModel

/// The words of a receipt, in the language of the client.
struct ReceiptWords: Sendable {
    let language: Language

    private func choose(_ french: String, _ english: String) -> String { language == .french ? french : english }

    var title: String { choose("Reçu", "Receipt") }
    var colon: String { Wording.colon(in: language) }
    var number: String { choose("N°", "No.") }
    var day: String { choose("Date", "Date") }
    var receivedFrom: String { choose("Reçu de", "Received from") }
    var received: String { choose("Somme reçue", "Amount received") }
    var counted: String { choose("Pour", "For") }
    var amount: String { choose("Montant", "Amount") }
    var held: String { choose("Reste à votre crédit", "Left as your credit") }
    var paidBy: String { choose("Mode de règlement", "Method") }
    var cheque: String { choose("Chèque n°", "Cheque no.") }
    var payer: String { choose("Payé par", "Payer") }
    var tendered: String { choose("Espèces remises", "Cash tendered") }
    var change: String { choose("Monnaie rendue", "Change") }
    var collectedBy: String { choose("Encaissé par", "Collected by") }
    var refunded: String { choose("Remboursé depuis", "Refunded since") }
    var void: String { choose("Annulé le", "Void since") }

    /// Why it is void.
    func reason(_ reason: ReversalReason) -> String {
        switch reason {
        case .bounced: choose("impayé, rejeté par la banque", "unpaid, rejected by the bank")
        case .mistake: choose("saisi par erreur", "entered by mistake")
        case .withdrawn: choose("retiré", "withdrawn")
        }
    }

    func amount(_ money: Money) -> String { Wording.amount(money, in: language) }
}
