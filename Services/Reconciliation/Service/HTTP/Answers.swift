import PaymentModel
import ReconciliationDomain

/// A payout as the API shows it.
struct PayoutAnswer: Codable, Sendable {
    let id: PayoutID
    let provider: Provider
    let reference: String
    let amount: Money
    let paidOn: LocalDate
    let isPointed: Bool
    let pointedBy: String?
    let rule: String?
    let bankLineID: BankLineID?

    init(_ record: PayoutRecord) {
        id = record.payout.id
        provider = record.payout.provider
        reference = record.payout.reference
        amount = record.payout.amount
        paidOn = record.payout.paidOn
        isPointed = record.pointedBy != nil
        pointedBy = record.pointedBy
        rule = record.rule?.rawValue
        bankLineID = record.bankLine
    }
}

/// Why a payout is what it is, to the cent.
struct ExplanationAnswer: Codable, Sendable {
    struct Line: Codable, Sendable {
        let kind: String
        let reference: String
        let paymentReference: String?
        let gross: Money
        let fee: Money
        let net: Money
    }

    struct BankLine: Codable, Sendable {
        let id: BankLineID
        let amount: Money
        let bookedOn: LocalDate
        let text: String
    }

    let payout: PayoutAnswer
    let bankLine: BankLine?
    /// Why the bank line is taken for the payout; nothing while it is not pointed.
    let because: [String]
    let lines: [Line]
    /// The sum of the lines.
    let explained: Money
    /// Received (or announced) less explained: zero, or an amount that nobody can name yet.
    let unexplained: Money

    init(
        _ record: PayoutRecord, _ line: PendingBankLine?, _ explanation: PayoutExplanation, windowDays: Int
    ) throws {
        payout = PayoutAnswer(record)
        because = try Self.reasons(record, line, windowDays: windowDays)
        bankLine = line.map { BankLine(id: $0.id, amount: $0.amount, bookedOn: $0.bookedOn, text: $0.text) }
        lines = try explanation.lines.map { line in
            Line(
                kind: line.kind.rawValue, reference: line.reference, paymentReference: line.paymentReference,
                gross: line.gross, fee: line.fee, net: try line.net())
        }
        explained = explanation.explained
        unexplained = explanation.remainder
    }

    private static func reasons(
        _ record: PayoutRecord, _ line: PendingBankLine?, windowDays: Int
    ) throws -> [String] {
        guard let rule = record.rule else { return [] }
        guard let line else { return ["A person said so, without a bank line."] }
        return try PayoutMatch(payout: record.payout, bankLine: line, rule: rule, windowDays: windowDays).reasons()
    }
}

/// Something that waits for a person.
struct DiscrepancyAnswer: Codable, Sendable {
    let id: DiscrepancyID
    let kind: String
    let subject: String
    let paymentID: PaymentID?
    let payoutID: PayoutID?
    let amount: Money?
    let openedAt: Instant
}

/// The fee screen's rows with their sums.
struct FeesAnswer: Codable, Sendable {
    let items: [FeeRow]
    let next: String?
    /// Of all rows of the filter, by currency.
    let totals: [FeeTotals]
}
