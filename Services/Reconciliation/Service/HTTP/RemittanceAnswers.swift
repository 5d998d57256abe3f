import PaymentModel
import ReconciliationDomain

/// A remittance as lists show it (REC-10).
struct RemittanceSummary: Codable, Sendable {
    let id: RemittanceID
    let clinicID: ClinicID
    let kind: String
    /// The number of the slip.
    let reference: String
    let amount: Money
    let madeOn: LocalDate
    let madeBy: String
    let isPointed: Bool
    let pointedBy: String?
    let rule: String?
    let bankLineID: BankLineID?
    /// The account of the ledger that takes what the bank booked otherwise.
    let differenceAccount: String?
    let differenceBecause: String?
    /// Where a manager booked that since, and why, where it was 471.
    let clearedInto: String?
    let clearedBecause: String?
    let cancelledBy: String?
    let cancelledBecause: String?

    init(_ record: RemittanceRecord) {
        id = record.remittance.id
        clinicID = record.clinic
        kind = record.remittance.tender.rawValue
        reference = record.remittance.reference
        amount = record.remittance.amount
        madeOn = record.remittance.madeOn
        madeBy = record.madeBy
        isPointed = record.pointedBy != nil
        pointedBy = record.pointedBy
        rule = record.rule?.rawValue
        bankLineID = record.bankLine
        differenceAccount = record.difference?.account.number
        differenceBecause = record.difference?.reason
        clearedInto = record.clearing?.account.number
        clearedBecause = record.clearing?.reason
        cancelledBy = record.cancelledBy
        cancelledBecause = record.cancelledBecause
    }
}

/// A remittance with everything it consists of and came to.
struct RemittanceAnswer: Codable, Sendable {
    /// A line of the slip.
    struct Item: Codable, Sendable {
        /// Nothing for cash.
        let takingID: TillMovementID?
        let receiptNumber: String?
        let clientID: ClientID?
        let day: LocalDate?
        let value: Money
        let pieces: Int
    }

    let remittance: RemittanceSummary
    let items: [Item]
    let bankLine: ExplanationAnswer.BankLine?
    /// Why the bank line is taken for the remittance; nothing while it is not pointed.
    let because: [Sentence]
    let entries: [EntryAnswer]
    /// How many there are, when not all are shown.
    var entriesInAll: Int?
}
