import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Why there is no file for the tax office.
enum FECRejection: Error {
    case noSIREN
    case noSuchYear(Int)
    /// `hasValidated`: an interim file would have something in it.
    case open(from: LocalDate, hasValidated: Bool)
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
        if let day = state.openFrom, !isInterim {
            throw FECRejection.open(from: day, hasValidated: state.lastValidated != nil)
        }
        // An interim file is not taken for that of the whole year.
        let through = isInterim ? state.lastValidated ?? days.lowerBound : days.upperBound
        let lines = try await entries.cursor(of: organisation, year: year, in: database)
        return File(name: FECFile.name(siren: siren, through: through), parts: FECFile.parts(of: lines))
    }
}
