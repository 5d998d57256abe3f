package import PaymentModel

/// What a refund takes back from a payment on account.
package struct ReversalPlan: Hashable, Sendable {
    /// Taken from the client's credit before anything that is allocated.
    package let fromCredit: Money
    package let reversals: [Allocation]
    /// More than the payment still holds; such a refund is a discrepancy for a person.
    package let excess: Money

    /// Free credit first, then the newest allocation, so that the oldest debt stays paid the longest.
    package init(_ refund: Money, credit: Money, allocations: [Allocation]) {
        let currency = refund.currency
        let fromCredit = min(refund.minorUnits, max(0, credit.minorUnits))
        var left = refund.minorUnits - fromCredit
        var reversals: [Allocation] = []
        for allocation in allocations.reversed() where left > 0 && allocation.amount.isPositive {
            let part = min(left, allocation.amount.minorUnits)
            left -= part
            reversals.append(Allocation(allocation.debt, Money(part, currency), on: allocation.countedOn))
        }
        self.fromCredit = Money(fromCredit, currency)
        self.reversals = reversals
        excess = Money(left, currency)
    }
}
