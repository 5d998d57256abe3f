import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Closes the books through a day: entries get their numbers, and nothing is written there any more (REC-8).
struct ClosePeriod {
    /// A first closing has the entries of years, each of which gets its number by one statement.
    static let timeMax: Duration = .seconds(900)

    let database: Database
    let time: TimeSource
    let clinics: ClinicStore
    let charts = ChartStore()
    let periods: PeriodStore

    func run(through day: LocalDate, because cause: Cause) async throws -> Applied<ClosedAnswer> {
        try await database.patient(within: Self.timeMax).change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            let organisation = cause.organisation
            var books = try periods.books(of: organisation, &change.transaction)
            let today = try clinics.day(of: time.now(), at: nil, in: &change)
            let first = try periods.firstEntry(of: organisation, &change.transaction)
            let period = try books.close(through: day, firstEntryOn: first, today: today)
            let chart = try charts.chart(of: organisation, &change.transaction)
            let entries = try periods.close(period, with: chart, validOn: today, in: &change)
            change.announceClosing(of: period, entries: entries)
            return ClosedAnswer(from: period.from, to: period.to, entries: entries)
        }
    }
}
