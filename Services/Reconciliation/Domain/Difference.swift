package import PaymentModel

/// Why a sum is not what it should be, in a person's words, and the account that takes it (C-25).
package struct Difference: Hashable, Sendable {
    package let account: Account
    package let reason: String

    package init(account: Account, reason: String) {
        self.account = account
        self.reason = reason
    }

    /// The accounts that take what is missing or, where more is there, what is too much.
    ///
    /// `withCommissions`: the bank may have kept something for itself.
    package static func accounts(for difference: Money, withCommissions: Bool) -> [Account] {
        let known: [Account] = difference.isNegative ? [.shortages] : [.surpluses]
        return known + (withCommissions && difference.isNegative ? [.commissions] : []) + [.suspense]
    }

    /// The accounts that take a payout of which the bank has no line: none whose sum something else proves.
    package static let accountsWithoutBankLine: [Account] = [
        .suspense, .withheld, .commissions, .shortages, .surpluses,
    ]
}

/// Why a difference is refused.
package enum DifferenceRejection: Error, Hashable, Sendable {
    /// It is there, and nobody says why; or the other way round.
    case unexplained(Money, of: String)
    case noDifference(of: String)
    case account(Account, not: [Account])
}

extension Difference {
    /// Refuses a difference without a reason, a reason without one, and an account that cannot take it.
    static func check(
        _ difference: Money, of what: String, said: Difference?, withCommissions: Bool
    ) throws(DifferenceRejection) {
        guard !difference.isZero else {
            if said != nil { throw .noDifference(of: what) }
            return
        }
        guard let said else { throw .unexplained(difference, of: what) }
        let accounts = accounts(for: difference, withCommissions: withCommissions)
        guard accounts.contains(said.account) else { throw .account(said.account, not: accounts) }
    }
}
