import PaymentModel
import ReconciliationDomain

/// What a client disputes, and how it ended.
struct DisputeAnswer: Codable, Sendable {
    let reference: String
    let amount: Money
    let openedOn: LocalDate
    let outcome: String?
    /// Of a lost one.
    let chargedBack: Money?
    let closedOn: LocalDate?

    init(_ dispute: Dispute) {
        (reference, amount, openedOn) = (dispute.reference, dispute.amount, dispute.openedOn)
        (outcome, closedOn) = (dispute.end?.outcome.rawValue, dispute.end?.on)
        chargedBack = dispute.end?.outcome == .lost ? dispute.end?.taken : nil
    }
}

/// Where an invoice comes from, and how its payment was tried.
struct InvoiceOriginAnswer: Codable, Sendable {
    struct Quote: Codable, Sendable {
        let id: QuoteID
        /// Nothing of these while the quote was not told of.
        let number: String?
        let issuedOn: LocalDate?
        let total: Money?
        let deposits: [Deposit]
    }

    struct Deposit: Codable, Sendable {
        let invoiceID: InvoiceID
        let invoiceNumber: String?
        let amount: Money
        let dueOn: LocalDate
    }

    /// A payment online that was asked for, whatever became of it.
    struct Attempt: Codable, Sendable {
        let paymentID: PaymentID
        let provider: Provider
        let plan: String?
        let amount: Money
        /// Nothing while it is open.
        let outcome: String?
        let decidedOn: LocalDate?
    }

    let quote: Quote?
    /// Whether the invoice is that of a deposit on the quote.
    let isDeposit: Bool
    let attempts: [Attempt]
}

/// Where every cent of one payment is.
struct PaymentTrailAnswer: Codable, Sendable {
    /// What of it is not at the bank, by what it is; below nothing where it will be taken from a payout.
    struct Open: Codable, Sendable {
        let leg: String
        let because: String
        let amount: Money

        init(_ open: PaymentTrail.Open) {
            (leg, because, amount) = (open.leg.rawValue, open.because.rawValue, open.amount)
        }
    }

    /// A payout that some of it is settled in.
    struct Part: Codable, Sendable {
        let payout: PayoutAnswer
        /// None while it is not at the bank, or where a person said so without one.
        let bankLines: [ExplanationAnswer.BankLine]
    }

    /// Of its invoice; nothing where it is for none.
    let origin: InvoiceOriginAnswer?
    let paymentID: PaymentID
    let invoiceID: InvoiceID?
    let invoiceNumber: String?
    let clientID: ClientID
    let provider: Provider
    let providerReference: String
    let acceptedOn: LocalDate
    let expectedOn: LocalDate
    let amount: Money
    let refunded: Money
    /// Of disputes that are open or lost.
    let withheld: Money
    let disputes: [DisputeAnswer]
    /// Without VAT.
    let fee: Money
    let feeVAT: Money
    let expected: Money
    let settled: Money
    /// What of it is at the bank.
    let arrived: Money
    /// What the lines keep beyond the payment's own fee.
    let charged: Money
    /// Expected less charged and arrived: the sum of what is open, and the name that asks for most.
    let remainder: Money
    let because: String
    let open: [Open]
    let lines: [ExplanationAnswer.Line]
    /// Of what was paid; `payouts` has those of refunds and disputes as well.
    let payout: PayoutAnswer?
    /// Of this payout, where it is one.
    let bankLine: ExplanationAnswer.BankLine?
    let payouts: [Part]
    let entries: [EntryAnswer]
    /// How many there are, when not all are shown.
    let entriesInAll: Int?
    let discrepancies: [DiscrepancyAnswer]
    let discrepanciesInAll: Int?
}

/// Where money is that a till took for an invoice, or gave back (REC-10).
struct TakingTrailAnswer: Codable, Sendable {
    /// A part of it; several where cash went with several slips.
    struct Place: Codable, Sendable {
        let place: Whereabouts
        let amount: Money
        /// The slip that brought it; of cash, the first slip brings what was taken first.
        let remittance: RemittanceSummary?
        let bankLine: ExplanationAnswer.BankLine?

        init(
            _ place: Whereabouts, _ amount: Money, slip: RemittanceRecord? = nil, bankLine: PendingBankLine? = nil
        ) {
            self.place = place
            self.amount = amount
            remittance = slip.map(RemittanceSummary.init)
            self.bankLine = bankLine.map(ExplanationAnswer.BankLine.init)
        }
    }

    let taking: TakingAnswer
    /// The day on which the till was counted with it.
    let countedOn: LocalDate?
    /// Together all of it.
    let places: [Place]
    let entries: [EntryAnswer]
    /// How many there are, when not all are shown.
    let entriesInAll: Int?
}

/// Where every cent that an invoice bills is.
struct InvoiceAccountAnswer: Codable, Sendable {
    struct Paid: Codable, Sendable {
        let way: String
        let amount: Money
    }

    struct Open: Codable, Sendable {
        let because: String
        let amount: Money
    }

    let credited: Money
    let writtenOff: Money
    let due: Money
    /// What came by each way and is still counted.
    let paid: [Paid]
    /// What is not counted any more: the client's credit again, given back, lost in disputes.
    let freed: Money
    let refunded: Money
    let chargedBack: Money
    let atTheBank: Money
    /// Billed less credited, written off and at the bank: the sum of what is open, each by its name.
    let remainder: Money
    let open: [Open]

    init(_ account: InvoiceAccount) {
        let standing = account.standing
        (credited, writtenOff, due) = (standing.credited, standing.writtenOff, standing.due)
        paid = account.paid.map { Paid(way: $0.way.rawValue, amount: $0.amount) }
        (freed, refunded, chargedBack) = (standing.freed, standing.refunded, account.chargedBack)
        (atTheBank, remainder) = (account.atTheBank, account.remainder)
        open = account.open.map { Open(because: $0.whereabouts.rawValue, amount: $0.amount) }
    }
}

/// Where every cent that was paid for an invoice is.
struct InvoiceTrailAnswer: Codable, Sendable {
    /// Money that was counted for it; below nothing where it was taken back.
    struct Receipt: Codable, Sendable {
        let paymentOnAccountID: PaymentOnAccountID
        /// The online payment that brought it, which `payments` explains: one sum, seen from two sides.
        let paymentID: PaymentID?
        let day: LocalDate
        let amount: Money
        /// Of a till.
        let receiptNumber: String?
        let method: String?
    }

    let invoiceID: InvoiceID
    let number: String?
    let total: Money?
    /// Nothing where an earlier version was told of it.
    let account: InvoiceAccountAnswer?
    let origin: InvoiceOriginAnswer
    let received: [Receipt]
    /// What tills took of it, followed to the bank.
    let takings: [TakingTrailAnswer]
    /// One page of them.
    var payments: [PaymentTrailAnswer]
    let paymentsInAll: Int
    var next: String?
}

/// Where every cent of a payout comes from, and what was booked about it.
struct PayoutTrailAnswer: Codable, Sendable {
    /// Of all its lines, whichever page is asked for.
    let explanation: ExplanationAnswer
    /// One page of them.
    var payments: [PaymentTrailAnswer]
    let paymentsInAll: Int
    let entries: [EntryAnswer]
    /// How many there are, when not all are shown.
    let entriesInAll: Int?
    let discrepancies: [DiscrepancyAnswer]
    let discrepanciesInAll: Int?
    var next: String?
}
