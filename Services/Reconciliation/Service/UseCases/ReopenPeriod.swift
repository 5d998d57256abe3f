import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Opens the last closed period again, with its author and reason; numbers that were given stay given (REC-8).
struct ReopenPeriod {
    let database: Database
    let periods: PeriodStore

    func run(because reason: String, _ cause: Cause) async throws -> Applied<ClosedAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            let period = try periods.books(of: cause.organisation, &change.transaction).reopen()
            try periods.reopen(period, because: reason, in: &change)
            change.announceReopening(of: period)
            return ClosedAnswer(from: period.from, to: period.to, entries: 0)
        }
    }
}
