import PaymentModel

/// What a discrepancy leaves on an account of the books that nobody will ever settle, until a person says which account
/// takes it (REC-5, REC-8).
package struct Residue: Hashable, Sendable {
    /// Why an account is refused.
    package enum Rejection: Error, Hashable, Sendable {
        /// The books hold nothing of the discrepancy.
        case nothing
        case account(Account, not: [Account])
    }

    /// Where it is.
    package let account: Account

    package init(on account: Account) { self.account = account }

    /// What was kept, lost or won, what a client owes or somebody else does, and what nobody can explain yet.
    package var takers: [Account] {
        [.commissions, .shortages, .surpluses, .clients, .withheld, .suspense].filter { $0 != account }
    }

    /// Refuses an account that cannot take it.
    package func check(into taker: Account) throws(Rejection) {
        guard takers.contains(taker) else { throw .account(taker, not: takers) }
    }
}
