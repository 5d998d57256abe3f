import PaymentModel

/// A bank statement as a file told it: opening + movements = closing, or it is refused.
struct BankStatement: Sendable, Equatable {
    let iban: String
    let reference: String
    let opening: Money
    let closing: Money
    let movements: [BankMovement]
    /// Where it ends in the file, for whoever has to look at it.
    var line: Int?

    static func == (left: BankStatement, right: BankStatement) -> Bool {
        (left.iban, left.reference, left.opening, left.closing)
            == (right.iban, right.reference, right.opening, right.closing) && left.movements == right.movements
    }
}

/// An account at a bank.
struct BankAccount: Codable, Sendable {
    let iban: String
    let currency: Currency
}

/// One booked movement; credits are positive.
struct BankMovement: Sendable, Equatable {
    /// The bank's own reference; it is what makes a second import harmless.
    let reference: String
    let amount: Money
    let bookedOn: LocalDate
    /// Everything the bank says about it.
    let text: String
    /// Where it stands in the file.
    var line: Int?

    static func == (left: BankMovement, right: BankMovement) -> Bool {
        (left.reference, left.amount, left.bookedOn, left.text)
            == (right.reference, right.amount, right.bookedOn, right.text)
    }
}

/// Why a file is not imported.
struct FileProblem: Error, Equatable {
    /// As an editor counts, from 1; nil for the file as a whole.
    let line: Int?
    let reason: String
    let remedy: String
}
