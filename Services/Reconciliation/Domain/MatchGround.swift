package import PaymentModel

/// Why a payout and a bank line are taken for each other, and what they may differ by.
package struct MatchGround: Hashable, Sendable {
    package let rule: PayoutMatch.Rule
    /// Of the organisation's rule.
    package let name: String?
    /// As it was when the two were put together.
    package let tolerance: MatchingRule.Tolerance?

    package init(_ rule: PayoutMatch.Rule, name: String? = nil, tolerance: MatchingRule.Tolerance? = nil) {
        self.rule = rule
        self.name = name
        self.tolerance = tolerance
    }

    package init(_ rule: MatchingRule) {
        self.init(.organisationRule, name: rule.name, tolerance: rule.tolerance)
    }

    package static let byHand = MatchGround(.byHand)

    /// By a person who also says why the two differ and which account takes the difference, or leaves that open.
    package static func byHand(
        _ payout: PendingPayout, _ line: PendingBankLine, said: Difference?
    ) throws -> MatchGround {
        guard let said else { return .byHand }
        let difference = try line.amount.subtracting(payout.amount)
        try Difference.check(difference, of: payout.reference, said: said, withCommissions: true)
        let size = difference.isNegative ? try difference.negated() : difference
        return MatchGround(.byHand, tolerance: MatchingRule.Tolerance(most: size, difference: said))
    }

    /// Whether it still says what it did: that what was pointed by its amount is of that amount.
    package func holds(with remainder: Money) throws(MoneyError) -> Bool {
        guard rule != .reference, !remainder.isZero else { return true }
        return try difference(of: remainder) != nil
    }

    /// Why the two differ, where that was said before; nil when a person has to look.
    package func difference(of remainder: Money) throws(MoneyError) -> Difference? {
        guard let tolerance, tolerance.most.currency == remainder.currency, !remainder.isZero,
            try tolerance.takes(remainder)
        else { return nil }
        return tolerance.difference
    }
}
