package import PaymentModel

/// One line of a client's account; what the client owes grows by positive amounts.
package struct AccountMovement: Hashable, Sendable {
    /// What moved the balance.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case invoice, receivable, creditNote, payment, refund, refundReturn, chargeBack, reversal, writeOff, archive
    }

    package let kind: Kind
    package let on: LocalDate
    package let reference: String
    package let amount: Money

    package init(_ kind: Kind, on: LocalDate, reference: String, amount: Money) {
        self.kind = kind
        self.on = on
        self.reference = reference
        self.amount = amount
    }

    /// The side it stands on: what is owed more, or what less; both positive.
    package var sides: (owed: Money?, paid: Money?) {
        amount.isNegative ? (nil, Money(-amount.minorUnits, amount.currency)) : (amount, nil)
    }
}

extension AccountMovement.Kind {
    /// Whether its reference is a method of payment where there is no receipt.
    fileprivate var isNamedByMethod: Bool {
        switch self {
        case .payment, .refund, .refundReturn, .chargeBack, .reversal, .archive: true
        case .invoice, .receivable, .creditNote, .writeOff: false
        }
    }
}

/// A client's account over a period: opening + movements = closing (INV-10).
package struct Statement: Hashable, Sendable {
    /// A movement, and what is owed after it.
    package struct Line: Hashable, Sendable {
        package let movement: AccountMovement
        package let balance: Money
    }

    package let opening: Money
    package let lines: [Line]
    package let closing: Money

    package var movements: [AccountMovement] { lines.map(\.movement) }

    package init(opening: Money, movements: [AccountMovement]) throws(MoneyError) {
        self.opening = opening
        var (lines, balance) = ([Line](), opening)
        for movement in movements {
            balance = try balance.adding(movement.amount)
            lines.append(Line(movement: movement, balance: balance))
        }
        self.lines = lines
        closing = balance
    }

    /// The same, methods of payment called as people call them instead of by their codes.
    package func naming(_ labels: [String: String]) throws(MoneyError) -> Statement {
        try Statement(
            opening: opening,
            movements: movements.map { movement in
                guard movement.kind.isNamedByMethod, let label = labels[movement.reference] else { return movement }
                return AccountMovement(movement.kind, on: movement.on, reference: label, amount: movement.amount)
            })
    }

    /// What was owed more in the period, and what less; both positive.
    package var turnover: (owed: Money, paid: Money) {
        let amounts = lines.map(\.movement.amount.minorUnits)
        let sum = { (amounts: [Int64]) in Money(amounts.reduce(0, +), opening.currency) }
        return (sum(amounts.filter { $0 > 0 }), sum(amounts.filter { $0 < 0 }.map { -$0 }))
    }
}
