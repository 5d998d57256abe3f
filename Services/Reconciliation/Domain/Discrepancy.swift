package import PaymentModel

/// What can be wrong between our books, the provider and the bank (REC-5).
package enum DiscrepancyKind: String, Hashable, Sendable, CaseIterable {
    /// The provider's report names a payment we do not know.
    case unknownPayment = "unknown-payment"
    /// The provider settled another amount than was paid.
    case amount
    /// The provider kept another fee than it announced.
    case fee
    /// The bank received another sum than the provider's payout.
    case payoutAmount = "payout-amount"
    /// The provider gave or took something that no payment explains.
    case unexplained
    /// A payout is not at the bank though it should be by now.
    case missingPayout = "missing-payout"
    /// The provider settled the same thing twice.
    case duplicate
    /// A client's bank took the money of a payment back.
    case dispute
    /// A payment is past its expected payout date.
    case late
}

/// Something that is wrong, until the missing piece or a person closes it.
package struct Discrepancy: Hashable, Sendable {
    /// Why a person's change is refused.
    package enum Rejection: Error, Hashable, Sendable {
        case closed
    }

    /// A person's word that it is settled.
    package struct Closing: Hashable, Sendable {
        package let author: String
        package let reason: String
        /// What takes what is left of it in the books; nil where nothing is booked.
        package let account: Account?

        package init(author: String, reason: String, account: Account?) {
            self.author = author
            self.reason = reason
            self.account = account
        }
    }

    package let id: DiscrepancyID
    package let kind: DiscrepancyKind
    /// Who looks after it.
    package private(set) var owner: String?
    package private(set) var closing: Closing?
    package private(set) var isOpen: Bool

    package init(id: DiscrepancyID, kind: DiscrepancyKind, owner: String?, isOpen: Bool, closing: Closing? = nil) {
        self.id = id
        self.kind = kind
        self.owner = owner
        self.isOpen = isOpen
        self.closing = closing
    }

    /// Gives it to somebody, or to nobody.
    package mutating func assign(to owner: String?) throws(Rejection) {
        guard isOpen else { throw .closed }
        self.owner = owner
    }

    /// A person says that it is settled and why, and which account takes what is left of it; it stays closed until it
    /// is about another amount.
    ///
    /// What was closed without an account may be given one later, since it still leaves what it did.
    package mutating func close(
        because reason: String, into account: Account? = nil, by author: String
    ) throws(Rejection) {
        let lacksAccount = closing.map { $0.account == nil } ?? false
        guard isOpen || (lacksAccount && account != nil) else { throw .closed }
        isOpen = false
        closing = Closing(author: author, reason: reason, account: account)
    }
}
