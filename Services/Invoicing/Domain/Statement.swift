package import PaymentModel

/// One line of a client's account; what the client owes grows by positive amounts.
package struct AccountMovement: Hashable, Sendable {
    /// What moved the balance.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case invoice, receivable, creditNote, payment, refund, reversal, writeOff, archive
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
}

/// A client's account over a period: opening + movements = closing (INV-10).
package struct Statement: Hashable, Sendable {
    package let opening: Money
    package let movements: [AccountMovement]
    package let closing: Money

    package init(opening: Money, movements: [AccountMovement]) throws(MoneyError) {
        self.opening = opening
        self.movements = movements
        closing = try opening.adding(Money.sum(movements.map(\.amount), in: opening.currency))
    }
}
