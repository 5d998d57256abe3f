import PaymentModel

/// A bank statement as a file told it: opening + movements = closing, or it is refused.
struct BankStatement: Sendable, Equatable {
    let iban: String
    let reference: String
    let opening: Money
    let closing: Money
    let movements: [BankMovement]
}

/// One booked movement; credits are positive.
struct BankMovement: Sendable, Equatable {
    /// The bank's own reference; it is what makes a second import harmless.
    let reference: String
    let amount: Money
    let bookedOn: LocalDate
    /// Everything the bank says about it.
    let text: String
}

/// Why a file is not imported.
struct FileProblem: Error, Equatable {
    /// As an editor counts, from 1; nil for the file as a whole.
    let line: Int?
    let reason: String
    let remedy: String
}
