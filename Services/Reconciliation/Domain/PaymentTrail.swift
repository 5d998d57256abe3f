package import PaymentModel

/// Where the money of one payment is, and what of it nobody has seen yet (REC-5).
package struct PaymentTrail: Hashable, Sendable {
    /// Why there is a remainder, or none.
    package enum Remainder: String, Hashable, Sendable, CaseIterable {
        /// Nothing remains: it is at the bank to the cent.
        case none
        /// The provider has not settled it yet.
        case notSettled = "not-settled"
        /// The provider says it is on its way to the bank.
        case underWay = "under-way"
        /// The provider settled another sum than was expected; a discrepancy says why.
        case settledOtherwise = "settled-otherwise"
    }

    /// What should arrive.
    package let expected: Money
    /// What the provider's lines about it come to.
    package let settled: Money
    /// What should arrive and is not at the bank.
    package let remainder: Money
    package let because: Remainder

    package init(
        of expected: ExpectedSettlement, by lines: [SettlementLine], hasArrived: Bool
    ) throws(MoneyError) {
        var nets: [Money] = []
        for line in lines { nets.append(try line.net()) }
        self.expected = try expected.net()
        settled = try Money.sum(nets, in: expected.amount.currency)
        let difference = try self.expected.subtracting(settled)
        remainder = hasArrived ? difference : self.expected
        if remainder.isZero {
            because = .none
        } else if lines.isEmpty {
            because = .notSettled
        } else {
            because = difference.isZero ? .underWay : .settledOtherwise
        }
    }
}
