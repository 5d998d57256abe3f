package import PaymentModel

/// A stretch of days whose entries are validated and frozen.
package struct AccountingPeriod: Hashable, Sendable {
    package let from: LocalDate
    package let to: LocalDate

    package init(from: LocalDate, to: LocalDate) {
        self.from = from
        self.to = to
    }
}

/// Up to which day the books are closed; periods follow one another without a gap (REC-8).
package struct ClosedBooks: Hashable, Sendable {
    package enum Rejection: Error, Hashable, Sendable {
        /// It is closed already, or lies before what is.
        case closedThrough(LocalDate)
        /// The day is not over.
        case notOver(LocalDate)
        case nothingClosed
    }

    /// The period that was closed last and is not open again.
    package private(set) var last: AccountingPeriod?

    package init(last: AccountingPeriod?) { self.last = last }

    /// Closes from the end of the last period, or from the first entry, through a day that is over.
    package mutating func close(
        through day: LocalDate, firstEntryOn first: LocalDate?, today: LocalDate
    ) throws(Rejection) -> AccountingPeriod {
        if let last, day <= last.to { throw .closedThrough(last.to) }
        guard day < today else { throw .notOver(day) }
        let from = last.map { $0.to.adding(days: 1) } ?? min(first ?? day, day)
        let period = AccountingPeriod(from: from, to: day)
        last = period
        return period
    }

    /// Refuses a day that is closed.
    package func checkOpen(on day: LocalDate) throws(Rejection) {
        if let last, day <= last.to { throw .closedThrough(last.to) }
    }

    /// Opens the last period again; what was validated in it stays.
    package func reopen() throws(Rejection) -> AccountingPeriod {
        guard let last else { throw .nothingClosed }
        return last
    }
}
