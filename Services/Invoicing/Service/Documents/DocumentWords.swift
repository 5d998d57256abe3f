import InvoicingDomain
import PaymentModel

/// The words of a page in the client's language; what the law wants said stays French.
struct DocumentWords {
    let language: Language

    private func choose(_ french: String, _ english: String) -> String { language == .french ? french : english }

    func title(_ kind: IssuedDocument.Kind) -> String {
        switch kind {
        case .invoice: choose("Facture", "Invoice")
        case .deposit: choose("Facture d’acompte", "Deposit invoice")
        case .creditNote: choose("Avoir", "Credit note")
        case .quote: choose("Devis", "Quote")
        }
    }

    var number: String { choose("N°", "No.") }
    var issuedOn: String { choose("Date", "Date") }
    var suppliedOn: String { choose("Vente ou prestation", "Supplied on") }
    var colon: String { Wording.colon(in: language) }

    func dueOn(_ kind: IssuedDocument.Kind) -> String {
        kind == .quote ? choose("Valable jusqu’au", "Valid until") : choose("Échéance", "Due")
    }

    func party(_ kind: IssuedDocument.Kind) -> String {
        kind == .quote ? choose("Établi pour", "Prepared for") : choose("Facturé à", "Billed to")
    }

    var deliveredTo: String { choose("Livré à", "Delivered to") }

    var label: String { choose("Désignation", "Description") }
    var quantity: String { choose("Qté", "Qty") }
    var unitPrice: String { choose("P.U. HT", "Unit price") }
    var discount: String { choose("Remise", "Discount") }
    var rate: String { choose("TVA", "VAT") }
    var net: String { choose("Montant HT", "Net amount") }
    var totalNet: String { choose("Total HT", "Total excl. VAT") }
    var totalVAT: String { choose("Total TVA", "Total VAT") }
    var vatRate: String { choose("Taux TVA", "VAT rate") }
    var base: String { choose("Base HT", "Net base") }
    var vatAmount: String { choose("Montant TVA", "VAT amount") }
    var reason: String { choose("Motif", "Reason") }

    /// What a person wrote stays as it is.
    func reason(of note: String) -> String { note == CreditReason.refund.text ? choose(note, "Refund") : note }

    var agreed: String {
        choose("Bon pour accord : date, nom et signature du client", "Agreed: date, name and signature of the client")
    }
    var payOnline: String { choose("Payer en ligne", "Pay online") }
    var scan: String {
        choose("Ou scannez ce code avec votre téléphone.", "Or scan this code with your phone.")
    }
    var credit: String {
        choose(
            "En une fois, ou en plusieurs fois si cela vous est proposé.",
            "At once, or in instalments where they are offered to you.")
    }

    func transfer(to account: BankAccount) -> String { choose("Par virement", "By transfer") + colon + account.text }

    func label(of line: IssuedDocument.Line) -> String {
        switch line.other {
        case .deposit(let number): choose(line.label, "Deposit already billed: \(number)")
        case .quote(let number): choose(line.label, "Deposit on quote \(number)")
        case .invoice(let number): choose(line.label, "Credit on invoice \(number)")
        case nil: line.label.onOneLine + (line.practitioner.map { "\n" + by($0.onOneLine) } ?? "")
        }
    }

    private func by(_ practitioner: String) -> String { choose("Intervenant", "Practitioner") + colon + practitioner }

    func total(_ kind: IssuedDocument.Kind) -> String {
        switch kind {
        case .invoice, .deposit: choose("Net à payer", "Amount due")
        // It may have lowered what was due, or be the client's to have; the document says the same of both.
        case .creditNote: choose("Total de l’avoir", "Total credited")
        case .quote: choose("Total TTC", "Total incl. VAT")
        }
    }

    func page(_ number: Int, of count: Int) -> String {
        choose("Page \(number) / \(count)", "Page \(number) of \(count)")
    }

    func on(_ reference: IssuedDocument.Reference) -> String {
        let day = reference.issuedOn.map { choose(" du ", " of ") + Wording.date($0) } ?? ""
        return choose("Sur la facture \(reference.number)", "On invoice \(reference.number)") + day
    }

    func amount(_ money: Money) -> String { Wording.amount(money, in: language) }

    /// Two to four decimals: a price has four, and most need two.
    func price(_ tenThousandths: Int64) -> String {
        Wording.decimal(tenThousandths, digits: 4, atLeast: 2, in: language)
    }

    func quantity(of line: IssuedDocument.Line) -> String {
        let number = Wording.decimal(line.thousandths, digits: 3, atLeast: 0, in: language)
        return number + (line.unit.map { "\u{A0}" + word(for: $0, line.thousandths) } ?? "")
    }

    private func word(for unit: BilledUnit, _ thousandths: Int64) -> String {
        switch unit {
        case .piece: choose(thousandths < 2_000 ? "pièce" : "pièces", thousandths == 1_000 ? "piece" : "pieces")
        case .hour: "h"
        case .kilogram, .gram, .millilitre, .litre: unit.rawValue
        }
    }

    func percentage(_ rate: BasisPoints) -> String {
        Wording.decimal(Int64(rate.value), digits: 2, atLeast: 0, in: language)
            + (language == .french ? "\u{202F}%" : "%")
    }
}
