package import PaymentModel

/// What a payment can be for: an invoice, or an amount owed without one (INV-8).
package enum Debt: Hashable, Sendable {
    case invoice(InvoiceID)
    case receivable(ReceivableID)

    /// What one of two ids names, as requests and events give them; an invoice where both are there.
    package init?(invoice: InvoiceID?, receivable: ReceivableID?) {
        if let invoice {
            self = .invoice(invoice)
        } else if let receivable {
            self = .receivable(receivable)
        } else {
            return nil
        }
    }

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
