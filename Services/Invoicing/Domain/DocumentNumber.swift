package import PaymentModel

/// A series of documents of one clinic whose numbers have no gap (CGI, annex II, article 242 nonies A).
package struct DocumentSeries: Hashable, Sendable {
    /// What a series numbers, and the letter its numbers begin with.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case invoice = "F"
        case creditNote = "A"
        case receipt = "R"
        case quote = "D"

        /// Whether a number of a day is given after all numbers of the days before, as the law wants it of invoices
        /// and what corrects them; quotes and receipts are written up later than they are of.
        package var isChronological: Bool { self == .invoice || self == .creditNote }
    }

    package let kind: Kind
    /// The clinic's own short code, such as `LILAS`.
    package let clinicCode: String
    package let year: Int

    package init(_ kind: Kind, clinicCode: String, year: Int) {
        self.kind = kind
        self.clinicCode = clinicCode
        self.year = year
    }

    /// Lets a person number an invoice, a credit note or a quote of a day, or says why it cannot be that one.
    ///
    /// A day a year back is the year mistyped, as at the till. In January the year before may still be ended. `last` is
    /// the day of the clinic's last number, which a quote need not follow.
    package static func admit(_ day: LocalDate, today: LocalDate, last: LocalDate?) throws(InvoiceRejection) {
        let first = today.adding(days: -CollectingRules.daysAgoMax)
        guard day >= first else { throw .issuedTooLongAgo(day, first: first) }
        guard let last, isClosed(day, by: last) else { return }
        throw .issuedInClosedYear(day, last: last)
    }

    /// The day of a number that nobody chooses and that is of something done on `day`: that of the clinic's last number
    /// where the year is closed by then.
    package static func day(of day: LocalDate, last: LocalDate?) -> LocalDate {
        guard let last, isClosed(day, by: last) else { return day }
        return last
    }

    private static func isClosed(_ day: LocalDate, by last: LocalDate) -> Bool {
        last.year > day.year && last.month > 1
    }

    /// Digits of a number that counts its series, for as long as there are not more.
    package static let digits = 6

    /// How the number is printed: `F-LILAS-2026-000123`.
    package func text(of sequence: Int64) -> String {
        let digits = String(sequence)
        let padding = String(repeating: "0", count: max(0, Self.digits - digits.count))
        return "\(kind.rawValue)-\(clinicCode)-\(year)-\(padding)\(digits)"
    }
}
