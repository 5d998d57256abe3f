/// Where money of an invoice is, or why it is nowhere yet (REC-5, REC-10).
package enum Whereabouts: String, Codable, Hashable, Sendable, CaseIterable {
    case bank = "at-the-bank"
    /// On its way there: on a slip, or in a payout the bank has not booked yet.
    case underWay = "under-way"
    /// No slip has brought it to the bank yet.
    case till = "at-the-till"
    /// The till was counted without it.
    case missing = "missing-at-the-till"
    /// Its payout was pointed without a bank line; another account has taken it.
    case withoutBankLine = "without-a-bank-line"
    /// The provider has it and has not settled it yet.
    case notSettled = "not-settled"
    /// The provider settled another sum; a discrepancy says why.
    case settledOtherwise = "settled-otherwise"
    /// The client disputes it at the provider.
    case disputed
    /// It was counted, and neither a till nor a provider told of it.
    case notTraced = "not-traced"
    /// Paid online and not counted for the invoice, so that it is still due.
    case held
    /// Due and not paid.
    case open
    /// What invoicing counts and what was received do not agree: somebody has to look, or a message is under way.
    case unexplained
}

extension PaymentTrail {
    /// Where what was paid is, whatever a refund or a dispute still moves.
    package var whereabouts: Whereabouts {
        guard let open = open.first(where: { $0.leg == .payment }) else { return .bank }
        return switch open.because {
        case .none: .bank
        case .notSettled: .notSettled
        case .underWay: .underWay
        case .settledOtherwise: .settledOtherwise
        case .withoutBankLine: .withoutBankLine
        }
    }
}
