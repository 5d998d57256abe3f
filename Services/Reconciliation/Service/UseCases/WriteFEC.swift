import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Why there is no file for the tax office.
enum FECRejection: Error {
    case noSIREN
    case noSuchYear(Int)
    /// `hasValidated`: an interim file would have something in it.
    case open(from: LocalDate, hasValidated: Bool)
    /// More may be booked in the year, though nothing waits.
    case notClosed(through: LocalDate, hasValidated: Bool)
    /// An interim file would have nothing in it, though entries of the year wait.
    case nothingValidated(from: LocalDate)
    /// An interim file would be named after a day of which more may be booked.
    case openAgain(through: LocalDate)
    /// It would have nothing in it, since nothing was booked in the year: the tax office's checker takes no such file.
    case nothingBooked(Int)
    case foreignCurrency(String)
}

/// Writes the entries of a financial year as the file the tax office reads (LPF A47 A-1, REC-8).
struct WriteFEC {
    /// A file while it is written.
    struct File: Sendable {
        let name: String
        let parts: any FileParts
    }

    let database: Database
    let charts = ChartStore()
    let entries = FECStore()

    /// An interim file has what is validated so far; without `isInterim` the year must be closed as a whole.
    func run(year: Int, isInterim: Bool, of organisation: OrganisationID) async throws -> File {
        let (chart, days, state) = try await database.read(organisation: organisation) { transaction in
            let chart = try charts.chart(of: organisation, &transaction)
            guard let days = chart.days(ofYear: year) else { throw FECRejection.noSuchYear(year) }
            return (chart, days, try entries.state(of: organisation, year: year, days, &transaction))
        }
        guard let siren = chart.siren else { throw FECRejection.noSIREN }
        if let foreign = state.foreign { throw FECRejection.foreignCurrency(foreign) }
        // An interim file is not taken for that of the whole year.
        let through = try isInterim ? lastValidated(of: year, state) : lastDay(of: year, days, state)
        let lines = try await entries.cursor(of: organisation, year: year, in: database)
        return File(name: FECFile.name(siren: siren, through: through), parts: FECFile.parts(of: lines))
    }

    private func lastDay(
        of year: Int, _ days: ClosedRange<LocalDate>, _ state: FECStore.State
    ) throws -> LocalDate {
        let (last, hasValidated) = (days.upperBound, state.lastValidated != nil)
        if let day = state.openFrom { throw FECRejection.open(from: day, hasValidated: hasValidated) }
        guard let closed = state.closedThrough, closed >= last else {
            throw FECRejection.notClosed(through: last, hasValidated: hasValidated)
        }
        guard hasValidated else { throw FECRejection.nothingBooked(year) }
        return last
    }

    /// A file has all that was booked through its day: one with the names of its fields alone would say that nothing
    /// was.
    private func lastValidated(of year: Int, _ state: FECStore.State) throws -> LocalDate {
        if let day = state.lastValidated {
            guard let closed = state.closedThrough, closed >= day else { throw FECRejection.openAgain(through: day) }
            return day
        }
        guard let day = state.openFrom else { throw FECRejection.nothingBooked(year) }
        throw FECRejection.nothingValidated(from: day)
    }
}
