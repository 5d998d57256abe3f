package import PaymentModel

/// What we know of an invoice from its owner's events: enough to refuse a payment that should not begin.
package struct Receivable: Hashable, Sendable {
    /// The invoice.
    package let invoice: InvoiceID
    /// Who owes it.
    package let client: ClientID
    /// What is still owed.
    package internal(set) var due: Money

    /// Why a receivable cannot be paid online.
    package enum Rejection: Error, Hashable, Sendable {
        case settled
        case otherClient
        case moreThanDue(Money)
        case otherCurrency
    }

    /// A receivable as it was stored.
    package init(invoice: InvoiceID, client: ClientID, due: Money) {
        self.invoice = invoice
        self.client = client
        self.due = due
    }

    /// Whether nothing is owed any more.
    package var isSettled: Bool { !due.isPositive }

    /// Lets a payment of `amount` by `client` begin, or says why not.
    package func admit(_ amount: Money, from client: ClientID) throws(Rejection) {
        guard client == self.client else { throw .otherClient }
        guard amount.currency == due.currency else { throw .otherCurrency }
        guard !isSettled else { throw .settled }
        guard amount.minorUnits <= due.minorUnits else { throw .moreThanDue(due) }
    }
}
