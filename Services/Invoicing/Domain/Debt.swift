package import PaymentModel

/// What a client can owe: an issued invoice, or an amount that was recorded without one (INV-8).
package enum Debt: Hashable, Sendable {
    case invoice(InvoiceID)
    case receivable(ReceivableID)

    /// The id of what is owed, whichever it is.
    package var value: UInt128 {
        switch self {
        case .invoice(let id): id.value
        case .receivable(let id): id.value
        }
    }

    package var invoice: InvoiceID? {
        if case .invoice(let id) = self { id } else { nil }
    }

    package var receivable: ReceivableID? {
        if case .receivable(let id) = self { id } else { nil }
    }
}

extension Debt: Comparable {
    /// The order in which debts are locked: invoices first, each kind by its ids.
    package static func < (left: Debt, right: Debt) -> Bool {
        switch (left, right) {
        case (.invoice, .receivable): true
        case (.receivable, .invoice): false
        default: left.value < right.value
        }
    }
}

/// A debt as far as allocation needs to know it.
package struct OpenDebt: Hashable, Sendable {
    package let debt: Debt
    package let due: Money
    package let dueOn: LocalDate

    package init(_ debt: Debt, due: Money, dueOn: LocalDate) {
        self.debt = debt
        self.due = due
        self.dueOn = dueOn
    }
}
