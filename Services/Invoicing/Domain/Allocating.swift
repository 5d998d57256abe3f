package import PaymentModel

/// An issued invoice as far as allocation needs to know it.
package struct OpenInvoice: Hashable, Sendable {
    package let id: InvoiceID
    package let due: Money
    package let dueOn: LocalDate

    package init(id: InvoiceID, due: Money, dueOn: LocalDate) {
        self.id = id
        self.due = due
        self.dueOn = dueOn
    }
}

/// A part of a payment that was counted for one invoice.
package struct Allocation: Hashable, Sendable {
    package let invoice: InvoiceID
    package let amount: Money

    package init(_ invoice: InvoiceID, _ amount: Money) {
        self.invoice = invoice
        self.amount = amount
    }
}

/// How a payment is spread over what its client owes.
package struct AllocationPlan: Hashable, Sendable {
    package let allocations: [Allocation]
    /// What stays as the client's credit.
    package let unallocated: Money

    /// `first` is served before the others, which follow oldest due date first (INV-9).
    ///
    /// Nothing is allocated beyond an invoice's due amount nor beyond the payment; other currencies are passed over.
    package init(_ payment: Money, over invoices: [OpenInvoice], first: InvoiceID?) {
        let order = invoices.sorted { left, right in
            if (left.id == first) != (right.id == first) { return left.id == first }
            return (left.dueOn, left.id) < (right.dueOn, right.id)
        }
        var left = payment.minorUnits
        var allocations: [Allocation] = []
        for invoice in order where left > 0 && invoice.due.isPositive && invoice.due.currency == payment.currency {
            let part = min(left, invoice.due.minorUnits)
            left -= part
            allocations.append(Allocation(invoice.id, Money(part, payment.currency)))
        }
        self.allocations = allocations
        unallocated = Money(left, payment.currency)
    }
}
