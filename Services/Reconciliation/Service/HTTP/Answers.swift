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
    /// Of the organisation's rule.
    let ruleName: String?
    let bankLineID: BankLineID?
    /// Where it was pointed together with others.
    let jointPointingID: JointPointingID?
    /// Why it was pointed without a bank line, in a person's words.
    let noBankLineBecause: String?
    /// The account that took its money then.
    let noBankLineAccount: String?
    /// The account to which a manager booked what waited of it on account 471, and why.
    let clearedInto: String?
    let clearedBecause: String?

    init(_ record: PayoutRecord) {
        id = record.payout.id
        provider = record.payout.provider
        reference = record.payout.reference
        amount = record.payout.amount
        paidOn = record.payout.paidOn
        isPointed = record.pointedBy != nil
        pointedBy = record.pointedBy
        rule = record.ground?.rule.rawValue
        ruleName = record.ground?.name
        bankLineID = record.bankLine
        jointPointingID = record.joint?.pointing
        noBankLineBecause = record.noLineBecause
        noBankLineAccount = record.noLineAccount?.number
        clearedInto = record.clearing?.account.number
        clearedBecause = record.clearing?.reason
    }
}

extension PayoutAnswer {
    /// Whether it was pointed by more than the provider's word.
    var isReceived: Bool { isPointed && rule != PayoutMatch.Rule.provider.rawValue }
}

/// How a payout was pointed before that was taken back.
struct UndonePointingAnswer: Codable, Sendable {
    /// Pointings of one payout that are shown; nobody takes one back so often but to try.
    static let shownMax: Int64 = 100

    let bankLineID: BankLineID?
    let jointPointingID: JointPointingID?
    let rule: String?
    /// Of the organisation's rule.
    let ruleName: String?
    let noBankLineBecause: String?
    let noBankLineAccount: String?
    let pointedBy: String
    let pointedAt: Instant
    /// A person, or matching where more had come.
    let undoneBy: String
    let undoneAt: Instant
}

/// Why a payout is what it is, to the cent.
struct ExplanationAnswer: Codable, Sendable {
    struct Line: Codable, Sendable {
        let kind: String
        let reference: String
        let paymentReference: String?
        /// The provider's name for the payout the line is in.
        let payoutReference: String
        /// Of the payment, once its own events have told of it.
        let invoiceNumber: String?
        let clientID: ClientID?
        let gross: Money
        /// With VAT, as the provider keeps it.
        let fee: Money
        /// Where the provider says it.
        let feeVAT: Money?
        let net: Money

        init(_ line: SettlementLine, _ whose: SettlementStore.Whose?) throws {
            invoiceNumber = whose?.invoiceNumber
            clientID = whose?.client
            kind = line.kind.rawValue
            reference = line.reference
            paymentReference = line.paymentReference
            payoutReference = line.payoutReference
            gross = line.gross
            fee = line.fee
            feeVAT = line.feeVAT
            net = try line.net()
        }
    }

    struct BankLine: Codable, Sendable {
        let id: BankLineID
        let amount: Money
        let bookedOn: LocalDate
        let text: String

        init(_ line: PendingBankLine) {
            id = line.id
            amount = line.amount
            bookedOn = line.bookedOn
            text = line.text
        }
    }

    /// A part that a person, or a rule of theirs, gave a reason and an account.
    struct NamedDifference: Codable, Sendable {
        let amount: Money
        let account: String
        let reason: String
        /// Where it was booked from there since, and why.
        let clearedInto: String?
        let clearedBecause: String?
    }

    let payout: PayoutAnswer
    /// Nothing where it came as several.
    let bankLine: BankLine?
    /// All it came as, or came with others in.
    let bankLines: [BankLine]
    /// Why the bank line is taken for the payout; nothing while it is not pointed.
    let because: [Sentence]
    /// How it was pointed before, the last first.
    let undone: [UndonePointingAnswer]
    let lines: [Line]
    /// What the bank received for it; while nothing shows that, what the provider announced.
    let received: Money
    /// The sum of the lines.
    let explained: Money
    /// What of the rest has a reason and an account.
    let difference: NamedDifference?
    /// Received less explained and the difference: zero, or an amount that nobody can name yet.
    let unexplained: Money

    init(
        _ record: PayoutRecord, _ bankLines: [PendingBankLine], _ lines: [SettlementLine],
        whose: [String: SettlementStore.Whose], undone: [UndonePointingAnswer], windowDays: Int
    ) throws {
        let line = bankLines.count == 1 ? bankLines[0] : nil
        let explanation = try PayoutExplanation(
            of: record.joint?.received ?? line?.amount ?? record.payout.amount, by: lines)
        payout = PayoutAnswer(record)
        self.undone = undone
        let named = try record.ground?.difference(of: explanation.remainder)
        because =
            try Self.reasons(record, line, named, of: explanation.remainder, windowDays: windowDays)
            + Self.reasons(record.clearing)
        bankLine = line.map(BankLine.init)
        self.bankLines = bankLines.map(BankLine.init)
        self.lines = try lines.map { try Line($0, whose[$0.reference]) }
        (received, explained) = (explanation.amount, explanation.explained)
        difference = named.map {
            NamedDifference(
                amount: explanation.remainder, account: $0.account.number, reason: $0.reason,
                clearedInto: record.clearing?.account.number, clearedBecause: record.clearing?.reason)
        }
        unexplained = named == nil ? explanation.remainder : .zero(explanation.remainder.currency)
    }

    private static func reasons(
        _ record: PayoutRecord, _ line: PendingBankLine?, _ named: Difference?, of remainder: Money, windowDays: Int
    ) throws -> [Sentence] {
        guard let ground = record.ground else { return [] }
        if record.joint != nil {
            guard let named else { return [joined(by: ground.rule)] }
            return [joined(by: ground.rule), "\(remainder) is on \(named.account.number): \(named.reason)"]
        }
        guard let line else {
            guard ground.rule != .nothing else { return [PayoutMatch.nothingReason] }
            guard ground.rule != .provider else { return PayoutMatch.providersWord(of: record.payout.paidOn) }
            guard let words = record.noLineBecause else { return ["A person said so, without a bank line."] }
            return ["A person said so, without a bank line.", Sentence(words)]
        }
        return try PayoutMatch(payout: record.payout, bankLine: line, ground: ground, windowDays: windowDays).reasons()
    }

    /// Where a manager booked from account 471 what somebody put there.
    static func reasons(_ clearing: Difference?) -> [Sentence] {
        guard let clearing else { return [] }
        return ["What waited on 471000 was cleared to \(clearing.account.number): \(clearing.reason)"]
    }

    private static func joined(by rule: PayoutMatch.Rule) -> Sentence {
        switch rule {
        case .reference: "The bank's text names all that was joined, and the sums are the same."
        case .sum: "One set of payouts, and no other, has the bank line's amount."
        case .byHand, .amountAndDate, .organisationRule, .nothing, .provider: "A person said what belongs together."
        }
    }
}

/// A movement at the bank as lists show it.
struct BankLineAnswer: Codable, Sendable {
    let id: BankLineID
    let iban: String
    let amount: Money
    let bookedOn: LocalDate
    let text: String
    /// What the bank calls it.
    let reference: String
    /// The payout that was pointed to it.
    let payoutID: PayoutID?
    let payoutReference: String?
    /// Where several payouts were pointed to it, or it is one of several of a payout.
    let jointPointingID: JointPointingID?
    /// The remittance that was pointed to it.
    let remittanceID: RemittanceID?
    let remittanceReference: String?
}

/// The fee screen's rows with their sums.
struct FeesAnswer: Codable, Sendable {
    let items: [FeeSummary]
    let next: String?
    /// Of all rows of the filter, by currency.
    let totals: [FeeTotals]
}

/// What a row of the fee screen is of; its rows are told apart by the id of the same thing.
struct FeeRowID: Identifier {
    let words: IdentifierWords

    init(words: IdentifierWords) { self.words = words }
}

/// One row of the fee screen (REC-1): one thing that happened, on its day and in its payout.
struct FeeSummary: Codable, Sendable {
    enum Kind: String, Codable, CaseIterable, Sendable {
        case payment, refund
        /// A refund that came back.
        case refundReturned = "refund-returned"
        /// What a provider withholds of a disputed payment.
        case dispute
        /// It gives it back.
        case disputeWon = "dispute-won"
        /// What the provider's line says otherwise than the payment or refund it settles, or all of it where it
        /// settles none.
        case correction
        /// What the bank received more (or less) than the lines of the payout, and nobody has explained.
        case unexplained
        /// The same with an account and a reason.
        case difference
    }

    let id: FeeRowID
    let kind: Kind
    /// When the payment was accepted, the refund completed, the payout paid or booked.
    let day: LocalDate
    let paymentID: PaymentID?
    let invoiceID: InvoiceID?
    let invoiceNumber: String?
    let clientID: ClientID?
    let provider: Provider
    let amount: Money
    let refunded: Money
    /// Without VAT.
    let fee: Money
    let feeVAT: Money
    let net: Money
    let expectedOn: LocalDate?
    let payoutReference: String?
    let isPaid: Bool
    /// How that payout was pointed.
    let rule: String?
    /// Who asked for the payment at the clinic, by id.
    let clinician: String?
    /// Where the payment was made.
    let clinicID: ClinicID?
    /// Of a difference.
    let account: String?
    let reason: String?
    /// Where a manager booked it since, and why, where that was 471.
    let clearedInto: String?
    let clearedBecause: String?
}

/// The sums of the fee screen's rows in one currency.
struct FeeTotals: Codable, Sendable {
    let payments: Int64
    let amount: Money
    let refunded: Money
    let fee: Money
    let feeVAT: Money
    let net: Money
}

/// What an account of the sub-ledger holds; debit positive.
struct BalanceAnswer: Codable, Sendable {
    let account: String
    let balance: Money
}

/// What an import brought; the same file twice brings nothing the second time (REC-3, REC-4).
struct ImportAnswer: Codable, Sendable {
    /// Payouts of a report, statements of a bank file.
    let documents: Int
    let linesNew: Int
    let linesKnown: Int
    /// Movements of bank statements that came before, which its balances show not to be those they were taken for.
    var linesOfEarlierStatements: Int?
    let payoutsPointed: Int
    /// Of a bank file; an earlier version did not answer it.
    var remittancesPointed: Int?
    let discrepanciesOpen: Int
    /// Rows that were passed over because a person asked for the good ones; nothing where all were taken.
    var badRows: [BadRowAnswer]?
    /// How many there are, when not all are listed.
    var badRowsInAll: Int?
    /// Statements with movements that were taken for known ones, which their balances say they are not.
    var statementsInDoubt: [BadRowAnswer]?
}

/// A row of a file that was not taken, or a statement that a person has to look at.
struct BadRowAnswer: Codable, Sendable {
    /// Rows that are listed; who has more should have the file mended.
    static let listedMax = 1_000

    /// As an editor counts, from 1.
    let line: Int?
    let reason: Sentence
    let remedy: Sentence

    init(_ problem: FileProblem) {
        (line, reason, remedy) = (problem.line, problem.reason, problem.remedy)
    }
}

/// An account at a bank.
struct BankAccountAnswer: Codable, Sendable {
    /// Its own account and journal there.
    struct Books: Codable, Sendable {
        let number: String
        let label: String
        let journal: String
    }

    let iban: String
    let currency: Currency
    /// Nothing where it is on the account and in the journal of all others.
    let books: Books?

    init(iban: String, currency: Currency, books: Books? = nil) {
        (self.iban, self.currency, self.books) = (iban, currency, books)
    }
}

/// Where the days of a clinic begin and end.
struct ClinicAnswer: Codable, Sendable {
    let id: ClinicID
    let timeZone: String
}

/// A saved CSV mapping.
struct CSVMappingAnswer: Codable, Sendable {
    let name: String
    let mapping: CSVMapping
}
