import PaymentModel

/// What the law wants said on a document beside its amounts.
package struct LegalNotes: Sendable {
    /// A sentence, and what it is about in the data (BT-21, UNTDID 4451).
    package struct Note: Hashable, Sendable {
        package let text: String
        package let subject: String?
    }

    /// What a seller says that bills no VAT (CGI 293 B).
    package static let exemption = "TVA non applicable, art. 293 B du CGI"

    private let document: IssuedDocument

    package init(_ document: IssuedDocument) { self.document = document }

    /// Why what bears no VAT bears none, where it is said (BT-120).
    package var exemptions: [String] {
        (document.seller.vatScheme == .exempt ? [Self.exemption] : []) + document.exemptions
    }

    /// Form, capital and numbers of the company.
    package var company: String? { document.seller.identity }

    /// When it is to be paid, and how a credit note is given back.
    package var terms: String? {
        switch document.kind {
        case .invoice, .deposit: document.vat.total.isPositive ? "Paiement à réception, au plus tard à l'échéance" : nil
        case .creditNote: "Porté au crédit du client"
        case .quote: nil
        }
    }

    /// Why a credit note was written.
    package var reason: Note? { document.reason.map { Note(text: "Motif : \($0)", subject: nil) } }

    /// Every sentence of the data.
    package var coded: [Note] {
        [document.notes.map { Note(text: $0, subject: nil) }, reason].compactMap(\.self) + legal
    }

    /// What the law wants said, as the foot of a page has it.
    package var foot: String { legal.map(\.text.typeset).joined(separator: ". ") }

    /// What the law wants said, in the order of the page's foot.
    package var legal: [Note] {
        var notes: [Note] = []
        switch document.seller.vatScheme {
        case .exempt: notes.append(Note(text: Self.exemption, subject: nil))
        case .onDebits:
            notes.append(Note(text: "Option pour le paiement de la taxe d'après les débits", subject: nil))
        case .onReceipts: break
        }
        if let operations = document.operations {
            notes.append(Note(text: "Nature des opérations : \(operations.text)", subject: nil))
        }
        guard document.buyer.isBusiness, document.kind.isBill else { return notes }
        // C. com. L441-9, L441-10, D441-5: between professionals only.
        notes.append(Note(text: "Pas d'escompte pour paiement anticipé", subject: "AAB"))
        notes.append(
            Note(
                text: "Pénalités de retard : \(document.seller.latePenalty ?? "trois fois le taux d'intérêt légal")",
                subject: "PMD"))
        notes.append(
            Note(text: "Indemnité forfaitaire pour frais de recouvrement en cas de retard : 40 €", subject: "PMT"))
        return notes
    }
}
