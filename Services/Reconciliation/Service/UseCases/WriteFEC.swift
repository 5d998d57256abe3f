import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Why there is no file for the tax office.
enum FECRejection: Error {
    case noSIREN
    case noSuchYear(Int)
    case open(from: LocalDate)
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
            return (chart, days, try entries.state(of: organisation, days, &transaction))
        }
        guard let siren = chart.siren else { throw FECRejection.noSIREN }
        if let foreign = state.foreign { throw FECRejection.foreignCurrency(foreign) }
        if let day = state.openFrom, !isInterim { throw FECRejection.open(from: day) }
        let lines = try await entries.cursor(of: organisation, year: year, in: database)
        return File(name: FECFile.name(siren: siren, yearEnd: days.upperBound), parts: FECFile.parts(of: lines))
    }
}
