/// Where money of an invoice is, or why it is nowhere yet (REC-5, REC-10).
package enum Whereabouts: String, Hashable, Sendable, CaseIterable {
    case bank = "at-the-bank"
    /// On its way there: on a slip, or in a payout the bank has not booked yet.
    case underWay = "under-way"
    /// No slip has brought it to the bank yet.
    case till = "at-the-till"
    /// The till was counted without it.
    case missing = "missing-at-the-till"
}
