import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// What the organisation says of its accounts.
struct ChartDraft: Sendable {
    let siren: String?
    let yearEndMonth: Int
    /// Nil: as before.
    let language: Language?
    let accounts: [ChartAccount]
    let journals: [Journal]
}

/// What closed books hold of a chart.
enum ChartRejection: Error {
    /// Once entries are numbered, the financial year they are numbered in stays.
    case yearIsInUse
    /// In the file for the tax office, which has the numbers alone, two accounts of a year would be one.
    case numberWasAnothers(String)
}

/// Calls accounts and journals as the organisation's accountant does; closed periods keep their numbers (REC-8).
///
/// In the file for the tax office a number has one name in a year, that of the year's last closing.
struct KeepChart {
    let database: Database
    let charts = ChartStore()
    let periods: PeriodStore

    func run(_ draft: ChartDraft, because cause: Cause) async throws -> Applied<ChartAnswer> {
        try await database.change(because: cause) { change in
            try BooksLock.takeAlone(in: &change)
            let organisation = cause.organisation
            var chart = try charts.chart(of: organisation, &change.transaction)
            if chart.yearEndMonth != draft.yearEndMonth,
                try periods.hasValidated(organisation, &change.transaction)
            {
                throw ChartRejection.yearIsInUse
            }
            let before = chart.accounts
            chart = try chart.with(draft.accounts, draft.journals)
            let renumbered = chart.accounts.values.filter { $0.number != before[$0.account]?.number }
            if let number = try periods.numberOfOther(
                than: renumbered.map { (account: $0.account.number, number: $0.number) }, in: chart,
                of: organisation, &change.transaction)
            {
                throw ChartRejection.numberWasAnothers(number)
            }
            chart.siren = draft.siren ?? chart.siren
            chart.yearEndMonth = draft.yearEndMonth
            chart.language = draft.language ?? chart.language
            try charts.put(chart, in: &change)
            return ChartAnswer(chart)
        }
    }
}
