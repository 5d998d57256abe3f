package import PaymentModel

/// A part of a payment that was counted for one debt.
package struct Allocation: Hashable, Sendable {
    package let debt: Debt
    package let amount: Money
    /// When something was last counted; nil where that is not known, or is said beside it.
    package let countedOn: LocalDate?

    package init(_ debt: Debt, _ amount: Money, on countedOn: LocalDate? = nil) {
        self.debt = debt
        self.amount = amount
        self.countedOn = countedOn
    }

    package init(_ invoice: InvoiceID, _ amount: Money) { self.init(.invoice(invoice), amount) }
}

/// How somebody wants a payment to be spread over what its client owes (INV-9).
package enum AllocationWish: Hashable, Sendable {
    /// The oldest due date first; one debt may be served before all others.
    case oldestFirst(before: Debt?)
    /// These debts in this order and no others.
    case told([ToldAllocation])
    /// Nothing; all of it stays as the client's credit.
    case keep
}

/// One debt somebody named, and how much of the payment it gets.
package struct ToldAllocation: Hashable, Sendable {
    package let debt: Debt
    /// Nil: as much as is due and left.
    package let amount: Money?

    package init(_ debt: Debt, amount: Money? = nil) {
        self.debt = debt
        self.amount = amount
    }
}

/// Why a payment cannot be spread as told.
package enum AllocationRejection: Error, Hashable, Sendable {
    /// The client does not owe it, or not any more.
    case notOwed(Debt)
    case toldTwice(Debt)
    case notPositive(Debt)
    case moreThanDue(Debt, due: Money)
    case moreThanLeft(Debt, left: Money)
    case otherCurrency(Debt)
}

/// How a payment is spread over what its client owes.
package struct AllocationPlan: Hashable, Sendable {
    package let allocations: [Allocation]
    /// What stays as the client's credit.
    package let unallocated: Money

    /// Nothing is allocated beyond a debt's due amount nor beyond `money`; other currencies are passed over.
    package init(
        _ money: Money, over debts: [OpenDebt], as wish: AllocationWish
    ) throws(AllocationRejection) {
        switch wish {
        case .oldestFirst(let first): self.init(money, over: debts, first: first)
        case .told(let told): try self.init(money, over: debts, told: told)
        case .keep: self.init(money, over: [], first: nil)
        }
    }

    /// `first` is served before the others, which follow oldest due date first.
    package init(_ money: Money, over debts: [OpenDebt], first: Debt?) {
        let order = debts.sorted { left, right in
            if (left.debt == first) != (right.debt == first) { return left.debt == first }
            return (left.dueOn, left.debt.value) < (right.dueOn, right.debt.value)
        }
        var left = money.minorUnits
        var allocations: [Allocation] = []
        for debt in order where left > 0 && debt.due.isPositive && debt.due.currency == money.currency {
            let part = min(left, debt.due.minorUnits)
            left -= part
            allocations.append(Allocation(debt.debt, Money(part, money.currency)))
        }
        self.allocations = allocations
        unallocated = Money(left, money.currency)
    }

    private init(
        _ money: Money, over debts: [OpenDebt], told: [ToldAllocation]
    ) throws(AllocationRejection) {
        let open = Dictionary(debts.map { ($0.debt, $0.due) }) { first, _ in first }
        var left = money.minorUnits
        var allocations: [Allocation] = []
        for wish in told {
            guard let due = open[wish.debt], due.isPositive else { throw .notOwed(wish.debt) }
            guard !allocations.contains(where: { $0.debt == wish.debt }) else { throw .toldTwice(wish.debt) }
            guard due.currency == money.currency else { throw .otherCurrency(wish.debt) }
            let part = try AllocationPlan.part(of: left, for: wish, due: due)
            guard part > 0 else { throw .moreThanLeft(wish.debt, left: Money(left, money.currency)) }
            left -= part
            allocations.append(Allocation(wish.debt, Money(part, money.currency)))
        }
        self.allocations = allocations
        unallocated = Money(left, money.currency)
    }

    private static func part(
        of left: Int64, for wish: ToldAllocation, due: Money
    ) throws(AllocationRejection) -> Int64 {
        guard let amount = wish.amount else { return min(left, due.minorUnits) }
        guard amount.isPositive else { throw .notPositive(wish.debt) }
        guard amount.currency == due.currency else { throw .otherCurrency(wish.debt) }
        guard amount.minorUnits <= due.minorUnits else { throw .moreThanDue(wish.debt, due: due) }
        guard amount.minorUnits <= left else { throw .moreThanLeft(wish.debt, left: Money(left, due.currency)) }
        return amount.minorUnits
    }
}
