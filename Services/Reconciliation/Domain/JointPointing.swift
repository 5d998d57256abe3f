package import PaymentModel

/// Several payouts that are one bank line, or one payout that came as several (REC-5).
package struct JointPointing: Hashable, Sendable {
    /// Why they cannot be taken for each other.
    package enum Rejection: Error, Hashable, Sendable {
        /// Neither side is one, or nothing is joined.
        case notOneToMany(payouts: Int, bankLines: Int)
        case severalCurrencies
        case difference(DifferenceRejection)
        case money(MoneyError)
    }

    /// Pieces on the side that has several.
    package static let piecesMax = 100

    /// In the order of their ids, as the bank lines.
    package let payouts: [PendingPayout]
    package let bankLines: [PendingBankLine]
    /// What the bank received more (or less) than was paid out.
    package let difference: Money
    package let said: Difference?
    package let rule: PayoutMatch.Rule

    /// The sums are the same, or somebody says why they differ and where the difference goes.
    package init(
        _ payouts: [PendingPayout], _ bankLines: [PendingBankLine], said: Difference?, by rule: PayoutMatch.Rule
    ) throws(Rejection) {
        let (few, many) = (min(payouts.count, bankLines.count), max(payouts.count, bankLines.count))
        guard few == 1, (2...Self.piecesMax).contains(many) else {
            throw .notOneToMany(payouts: payouts.count, bankLines: bankLines.count)
        }
        let currency = payouts[0].amount.currency
        guard (payouts.map(\.amount) + bankLines.map(\.amount)).allSatisfy({ $0.currency == currency }) else {
            throw .severalCurrencies
        }
        do throws(MoneyError) {
            difference = try Money.sum(bankLines.map(\.amount), in: currency)
                .subtracting(Money.sum(payouts.map(\.amount), in: currency))
        } catch {
            throw .money(error)
        }
        do throws(DifferenceRejection) {
            try Difference.check(difference, of: "The sum of the bank lines", said: said, withCommissions: true)
        } catch {
            throw .difference(error)
        }
        self.payouts = payouts.sorted { $0.id < $1.id }
        self.bankLines = bankLines.sorted { $0.id < $1.id }
        self.said = said
        self.rule = rule
    }

    /// The day by which all of it was at the bank.
    package var bookedOn: LocalDate { bankLines.map(\.bookedOn).max() ?? .earliest }

    /// What the bank received for each payout: its own amount, and the last one's with the difference.
    package func shares() throws(MoneyError) -> [(payout: PendingPayout, received: Money)] {
        var shares = payouts.map { (payout: $0, received: $0.amount) }
        let last = shares.count - 1
        shares[last].received = try shares[last].received.adding(difference)
        return shares
    }

    /// Why one of them is taken for its share, and what the two may differ by.
    package func ground(of payout: PendingPayout) throws(MoneyError) -> MatchGround {
        guard let said, payout.id == payouts.last?.id else { return MatchGround(rule) }
        let size = difference.isNegative ? try difference.negated() : difference
        return MatchGround(rule, tolerance: MatchingRule.Tolerance(most: size, difference: said))
    }
}

/// Payouts and bank lines that were pointed as a whole.
package struct JointPointingID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}
