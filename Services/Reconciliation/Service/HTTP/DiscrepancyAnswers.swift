import PaymentModel
import ReconciliationDomain

/// Something that waits for a person.
struct DiscrepancyAnswer: Codable, Sendable {
    let id: DiscrepancyID
    let kind: String
    let subject: String
    let paymentID: PaymentID?
    let payoutID: PayoutID?
    let amount: Money?
    let openedAt: Instant
    /// Whole days it has waited, or did until it was closed.
    let ageDays: Int
    let owner: String?
    let closedAt: Instant?
    /// The person who closed it; nobody when the missing piece did.
    let closedBy: String?
    let closedBecause: String?
    /// The account of the ledger that took what was left of it.
    let closedInto: String?
    /// The account to which a manager booked it since, where that was 471.
    let clearedInto: String?
    let clearedBecause: String?
}

/// One page of discrepancies.
struct DiscrepanciesAnswer: Codable, Sendable {
    let items: [DiscrepancyAnswer]
    /// What to give as `after` for the next page; nothing at the end.
    let next: String?
    /// How many there are on all pages.
    let inAll: Int
}

/// A discrepancy with what people did about it.
struct DiscrepancyHistoryAnswer: Codable, Sendable {
    struct Note: Codable, Sendable {
        let act: String
        let author: String
        let words: String?
        let notedAt: Instant
    }

    let discrepancy: DiscrepancyAnswer
    let notes: [Note]
}
