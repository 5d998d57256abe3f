import PaymentModel
import ReconciliationDomain

/// The till of a clinic on a day, as it was counted or as it waits for it (REC-10).
struct CashUpAnswer: Codable, Sendable {
    struct Line: Codable, Sendable {
        /// The organisation's code.
        let method: String
        /// What the method is by nature.
        let kind: String
        /// What the facts say.
        let expected: Money
        let counted: Money?
        /// Counted less expected.
        let difference: Money?
        /// The account of the ledger that takes it.
        let account: String?
        let reason: String?
        /// Where a manager booked it since, and why, where it was 471.
        let clearedInto: String?
        let clearedBecause: String?
    }

    let clinicID: ClinicID
    let day: LocalDate
    let isClosed: Bool
    let closedBy: String?
    let closedAt: Instant?
    let lines: [Line]

    init(clinicID: ClinicID, day: LocalDate, closedBy: String?, closedAt: Instant?, lines: [Line]) {
        self.clinicID = clinicID
        self.day = day
        self.closedBy = closedBy
        self.closedAt = closedAt
        self.lines = lines
        isClosed = closedBy != nil
    }
}

extension CashUpAnswer.Line {
    /// A method nobody has counted yet.
    init(_ sum: TillSum) {
        self.init(
            method: sum.method.code, kind: sum.method.tender.rawValue, expected: sum.amount, counted: nil,
            difference: nil, account: nil, reason: nil, clearedInto: nil, clearedBecause: nil)
    }
}

/// A movement of a till as lists show it.
struct TakingAnswer: Codable, Sendable {
    let id: TillMovementID
    let clinicID: ClinicID
    let paymentOnAccountID: PaymentOnAccountID
    let clientID: ClientID
    let receiptNumber: String
    let day: LocalDate
    let method: String
    let kind: String
    /// Below nothing when it was taken back.
    let amount: Money
    /// Why it was taken back.
    let takenBackBecause: String?
    /// Whether it waits for a slip.
    let isWaiting: Bool
    /// Whether the till was counted with it.
    let isCounted: Bool
    let remittanceID: RemittanceID?
    let remittanceReference: String?

    init(
        _ movement: TillMovement, isWaiting: Bool, isCounted: Bool, remittanceID: RemittanceID?,
        remittanceReference: String?
    ) {
        id = movement.id
        clinicID = movement.clinic
        paymentOnAccountID = movement.payment
        clientID = movement.client
        receiptNumber = movement.receiptNumber
        day = movement.day
        method = movement.method.code
        kind = movement.method.tender.rawValue
        amount = movement.amount
        takenBackBecause = movement.reason
        self.isWaiting = isWaiting
        self.isCounted = isCounted
        self.remittanceID = remittanceID
        self.remittanceReference = remittanceReference
    }
}
