/// One line of an account at the simulated bank.
struct BankMovement: Sendable {
    /// Sub-family of the SEPA payment domain.
    enum Kind: String, Sendable {
        case transferIn = "RCDT/ESCT"
        case transferOut = "ICDT/ESCT"
        case directDebit = "RDDT/ESDD"
        case cards = "MCRD/POSP"
        case charges = "MDOP/CHRG"
    }

    /// The bank's own reference.
    let reference: String
    let kind: Kind
    /// Positive when money comes in.
    let cents: Int64
    let bookedOn: CivilDate
    let valuedOn: CivilDate
    let counterparty: String
    let counterpartyIBAN: String?
    let endToEnd: String?
    let remittance: [String]
    /// Announced but not booked: outside of the balances.
    var isPending = false

    var json: JSON {
        [
            "reference": .text(reference), "cents": .integer(cents), "bookedOn": .text(bookedOn.text),
            "counterparty": .text(counterparty), "endToEnd": .optional(endToEnd),
            "remittance": .list(remittance.map(JSON.text)), "pending": .bool(isPending),
        ]
    }
}

/// What a bank says about one account for one day: opening + movements = closing.
struct BankStatement: Sendable {
    let id: String
    let sequence: Int
    let iban: String
    let holder: String
    let date: CivilDate
    let createdAt: Int64
    let opening: Int64
    let movements: [BankMovement]

    var closing: Int64 { movements.filter { !$0.isPending }.reduce(opening) { $0 + $1.cents } }

    var json: JSON {
        [
            "id": .text(id), "iban": .text(iban), "date": .text(date.text), "sequence": .count(sequence),
            "opening": .integer(opening), "closing": .integer(closing),
            "movements": .list(movements.map(\.json)),
        ]
    }
}
