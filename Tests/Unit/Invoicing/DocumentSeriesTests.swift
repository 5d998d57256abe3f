import InvoicingDomain
import PaymentModel
import Testing

/// INV-4: which day a person may give an invoice or a credit note.
@Suite struct `The day of what is issued` {
    private func day(_ text: String) throws -> LocalDate { try #require(LocalDate(text)) }

    @Test(arguments: ["2027-01-05", "2027-11-26", "2028-02-29"])
    func `INV-4: is at most 364 days ago`(today: String) throws {
        let (today, first) = (try day(today), try day(today).adding(days: -364))
        try DocumentSeries.admit(today, today: today, last: nil)
        try DocumentSeries.admit(first, today: today, last: nil)
        let early = first.adding(days: -1)
        #expect(throws: InvoiceRejection.issuedTooLongAgo(early, first: first)) {
            try DocumentSeries.admit(early, today: today, last: nil)
        }
    }

    @Test(arguments: [
        ("2026-12-31", true), ("2027-01-01", true), ("2027-01-31", true), ("2027-02-01", false), ("2027-10-15", false),
    ])
    func `INV-4: is of no year that ended, once there is a number of the next one after January`(
        last: String, isOpen: Bool
    ) throws {
        let (december, today, last) = (try day("2026-12-30"), try day("2027-11-26"), try day(last))
        let rejection = InvoiceRejection.issuedInClosedYear(december, last: last)
        if isOpen {
            try DocumentSeries.admit(december, today: today, last: last)
        } else {
            #expect(throws: rejection) { try DocumentSeries.admit(december, today: today, last: last) }
        }
        try DocumentSeries.admit(try day("2027-01-01"), today: today, last: last)
        // What nobody chooses is moved instead.
        #expect(DocumentSeries.day(of: december, last: last) == (isOpen ? december : last))
        #expect(DocumentSeries.day(of: december, last: nil) == december)
    }
}
