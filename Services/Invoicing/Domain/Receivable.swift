package import PaymentModel

/// An amount a client owes for something named freely, without an invoice (INV-8).
package struct Receivable: Hashable, Sendable {
    package let id: ReceivableID
    package let clinic: ClinicID
    package let client: ClientID
    package let recordedOn: LocalDate
    package private(set) var terms: ReceivableTerms
    package private(set) var paid: Money
    /// Taken off because what was paid for it was given back.
    package private(set) var credited: Money
    /// Given up: still owed, and nobody asks for it any more.
    package private(set) var writtenOff: Money

    /// As it was saved, or new with nothing paid.
    package init(
        id: ReceivableID, clinic: ClinicID, client: ClientID, recordedOn: LocalDate, terms: ReceivableTerms,
        paid: Money, credited: Money, writtenOff: Money
    ) {
        self.id = id
        self.clinic = clinic
        self.client = client
        self.recordedOn = recordedOn
        self.terms = terms
        self.paid = paid
        self.credited = credited
        self.writtenOff = writtenOff
    }

    package var amount: Money { terms.amount }
    package var due: Money {
        Money(
            amount.minorUnits - paid.minorUnits - credited.minorUnits - writtenOff.minorUnits, amount.currency)
    }

    /// Whether its own amounts fit together; asserted before every save.
    package var isBalanced: Bool {
        !paid.isNegative && !credited.isNegative && !writtenOff.isNegative && !due.isNegative
    }
}

/// What a person says of a receivable, and may say otherwise while nothing was paid on it.
package struct ReceivableTerms: Hashable, Sendable {
    package let label: String
    /// Zero when it turned out that nothing is owed.
    package let amount: Money
    package let dueOn: LocalDate

    package init(label: String, amount: Money, dueOn: LocalDate) {
        self.label = label
        self.amount = amount
        self.dueOn = dueOn
    }
}

/// What happened to a receivable.
package enum ReceivableFact: Hashable, Sendable {
    case recorded
    case corrected
    /// What is due changed, and something still is.
    case partPaid
    case settled(on: LocalDate)
    case reopened
}

/// Why a receivable refuses.
package enum ReceivableRejection: Error, Hashable, Sendable {
    case dueBeforeRecorded(LocalDate)
    case alreadyPaid(Money)
    case otherCurrency(Currency)
    /// The books are in euros, and their sums would be silent about it.
    case notInEuros(Currency)
    case notPositive(Money)
    case moreThan(Money, asked: Money)
}

// MARK: Moves

extension Receivable {
    /// Says otherwise what is owed; once something was paid on it, it stays as it is.
    package mutating func correct(to terms: ReceivableTerms) throws(ReceivableRejection) -> ReceivableFact {
        guard paid.isZero, credited.isZero, writtenOff.isZero else { throw .alreadyPaid(paid) }
        try Receivable.check(terms, recordedOn: recordedOn)
        guard terms.amount.currency == amount.currency else { throw .otherCurrency(terms.amount.currency) }
        self.terms = terms
        return .corrected
    }

    /// Counts a part of a payment; nothing is settled before the day on which it was recorded.
    package mutating func allocate(_ part: Money, on day: LocalDate) throws(ReceivableRejection) -> ReceivableFact {
        try admit(part, upTo: due)
        paid = Money(paid.minorUnits + part.minorUnits, amount.currency)
        return due.isZero ? .settled(on: max(day, recordedOn)) : .partPaid
    }

    /// Takes back what was counted, because the money was not received or went back.
    package mutating func reverse(_ part: Money) throws(ReceivableRejection) -> ReceivableFact {
        try admit(part, upTo: paid)
        let wasSettled = due.isZero
        paid = Money(paid.minorUnits - part.minorUnits, amount.currency)
        return wasSettled ? .reopened : .partPaid
    }

    /// Gives a part of what was paid back: it is no longer owed, so nothing is due for it again.
    package mutating func giveBack(_ part: Money) throws(ReceivableRejection) {
        try admit(part, upTo: paid)
        paid = Money(paid.minorUnits - part.minorUnits, amount.currency)
        credited = Money(credited.minorUnits + part.minorUnits, amount.currency)
    }

    /// Gives up what is due; answers how much that was.
    package mutating func writeOff() throws(ReceivableRejection) -> Money {
        let part = due
        try admit(part, upTo: part)
        writtenOff = Money(writtenOff.minorUnits + part.minorUnits, amount.currency)
        return part
    }

    /// Asks for an amount again that was given up.
    package mutating func reopen(_ part: Money) throws(ReceivableRejection) {
        try admit(part, upTo: writtenOff)
        writtenOff = Money(writtenOff.minorUnits - part.minorUnits, amount.currency)
    }

    /// What a new one or a correction may say.
    package static func check(
        _ terms: ReceivableTerms, recordedOn day: LocalDate
    ) throws(ReceivableRejection) {
        guard terms.amount.currency == .eur else { throw .notInEuros(terms.amount.currency) }
        guard !terms.amount.isNegative else { throw .notPositive(terms.amount) }
        guard terms.dueOn >= day else { throw .dueBeforeRecorded(day) }
    }

    private func admit(_ part: Money, upTo limit: Money) throws(ReceivableRejection) {
        guard part.currency == amount.currency else { throw .otherCurrency(part.currency) }
        guard part.isPositive else { throw .notPositive(part) }
        guard part.minorUnits <= limit.minorUnits else { throw .moreThan(limit, asked: part) }
    }
}
