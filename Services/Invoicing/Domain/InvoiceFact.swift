package import PaymentModel

/// What happened to an invoice.
package enum InvoiceFact: Hashable, Sendable {
    case issued(number: String, on: LocalDate)
    case partPaid
    case paid(on: LocalDate)
}

/// Why an invoice refuses.
package enum InvoiceRejection: Error, Hashable, Sendable {
    case noLines
    case tooManyLines(max: Int)
    case amountTooLarge
    case notDraft(Invoice.Status)
    case notIssued
    case nothingToPay
    case nothingToCredit
    case creditedBeforeIssue(LocalDate)
    /// What it frees was counted for the invoice on that day.
    case creditedBeforeCount(LocalDate)
    /// Of a line, or of the whole document when nil.
    case discountTooLarge(line: Int?)
    /// A line says why it bears no VAT, and bears it.
    case exemptionBesideVAT(line: Int)
    case tooManyExemptions(max: Int)
    /// It is not that day yet at the clinic.
    case issuedInFuture(LocalDate, today: LocalDate)
    /// The series has a number of a later day already.
    case issuedBeforeLast(LocalDate, last: LocalDate)
    /// It is before the first day that can be meant.
    case issuedTooLongAgo(LocalDate, first: LocalDate)
    /// Its year is closed: the clinic has a number of a later one.
    case issuedInClosedYear(LocalDate, last: LocalDate)
    case dueBeforeIssue(dueOn: LocalDate, issuedOn: LocalDate)
    case otherCurrency(Currency)
    case notPositive(Money)
    case moreThan(Money, asked: Money)
}
