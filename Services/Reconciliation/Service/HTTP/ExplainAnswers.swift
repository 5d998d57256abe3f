import PaymentModel
import ReconciliationDomain

/// What a client disputes, and how it ended.
struct DisputeAnswer: Codable, Sendable {
    let reference: String
    let amount: Money
    let openedOn: LocalDate
    let outcome: String?
    let closedOn: LocalDate?

    init(_ dispute: Dispute) {
        (reference, amount, openedOn) = (dispute.reference, dispute.amount, dispute.openedOn)
        (outcome, closedOn) = (dispute.end?.outcome.rawValue, dispute.end?.on)
    }
}

/// Where every cent of one payment is.
struct PaymentTrailAnswer: Codable, Sendable {
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
    /// What should be at the bank and is not, and why.
    let remainder: Money
    let because: String
    let lines: [ExplanationAnswer.Line]
    let payout: PayoutAnswer?
    let bankLine: ExplanationAnswer.BankLine?
    let entries: [EntryAnswer]
    let discrepancies: [DiscrepancyAnswer]
}

/// Where every cent that was paid online for an invoice is.
struct InvoiceTrailAnswer: Codable, Sendable {
    let invoiceID: InvoiceID
    let number: String?
    let payments: [PaymentTrailAnswer]
}

/// Where every cent of a payout comes from, and what was booked about it.
struct PayoutTrailAnswer: Codable, Sendable {
    let explanation: ExplanationAnswer
    let payments: [PaymentTrailAnswer]
    let entries: [EntryAnswer]
    let discrepancies: [DiscrepancyAnswer]
}
