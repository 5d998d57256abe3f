/// What money taken at a till is by nature (REC-10).
package enum Tender: String, Hashable, Sendable, CaseIterable {
    case cash, cheque, card, transfer
    case directDebit = "direct-debit"
    case other

    /// Where it waits until the bank has it.
    package var account: Account {
        switch self {
        case .cash: .cash
        case .cheque: .cheques
        case .card: .cards
        case .transfer, .directDebit, .other: .otherTenders
        }
    }

    /// Words of the bank by which it names what was brought to it; what has none is found by its reference alone.
    var bankWords: Set<String> {
        switch self {
        case .cash: ["VERSEMENT", "VERST", "ESPECES", "ESPÈCES", "ESP"]
        case .cheque: ["CHEQUE", "CHEQUES", "CHÈQUE", "CHÈQUES", "CHQ", "CHQS"]
        case .card: ["CB", "CARTE", "CARTES", "TPE"]
        case .transfer, .directDebit, .other: []
        }
    }
}
