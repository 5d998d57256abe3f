package import PaymentModel

/// What we know of an invoice, or of what is owed without one, by its owner's word: enough to refuse a payment that
/// should not begin.
package struct Receivable: Hashable, Sendable {
    /// What is owed.
    package let debt: Debt
    /// The clinic it is owed to; `nil` when its owner did not say.
    package let clinic: ClinicID?
    /// Who owes it.
    package let client: ClientID
    /// What is still owed, by its owner's last word.
    package internal(set) var due: Money
    /// What providers accepted for it and its owner has not counted yet: its word is on the way.
    package let uncounted: Money
    /// Whether its owner lets it be paid online.
    package let isPayableOnline: Bool

    /// Why a receivable cannot be paid online.
    package enum Rejection: Error, Hashable, Sendable {
        case settled
        case notOnline
        case otherClinic
        case otherClient
        case moreThanDue(Money)
        /// The one it is owed in.
        case otherCurrency(Currency)
    }

    /// A receivable as it was stored.
    package init(
        debt: Debt, clinic: ClinicID?, client: ClientID, due: Money, uncounted: Money,
        isPayableOnline: Bool = true
    ) {
        self.debt = debt
        self.clinic = clinic
        self.client = client
        self.due = due
        self.uncounted = uncounted
        self.isPayableOnline = isPayableOnline
    }

    /// What may still be asked for; an accepted payment counts from its acceptance.
    package var open: Money {
        let (left, overflow) = due.minorUnits.subtractingReportingOverflow(uncounted.minorUnits)
        return overflow || left < 0 ? .zero(due.currency) : Money(left, due.currency)
    }

    /// Whether nothing is owed any more.
    package var isSettled: Bool { !open.isPositive }

    /// Lets a payment of `amount` by `client` to `clinic` begin, or says why not.
    package func admit(_ amount: Money, from client: ClientID, at clinic: ClinicID) throws(Rejection) {
        // Another clinic's account would get the money of this one.
        guard self.clinic == nil || self.clinic == clinic else { throw .otherClinic }
        guard client == self.client else { throw .otherClient }
        guard isPayableOnline else { throw .notOnline }
        guard amount.currency == due.currency else { throw .otherCurrency(due.currency) }
        guard !isSettled else { throw .settled }
        guard amount.minorUnits <= open.minorUnits else { throw .moreThanDue(open) }
    }
}
