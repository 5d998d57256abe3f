import HTTPServer
import InvoicingDomain
import PaymentModel
import PhoneNumbers
import PostgresClient

/// The clinics whose rows somebody may bring, by their codes, and how numbers are dialled there.
struct ImportClinics: Sendable {
    let ids: [String: ClinicID]
    let places: ImportPlaces
    /// What day it is at each.
    let today: [ClinicID: LocalDate]

    init(
        of organisation: OrganisationID, for access: ClinicAccess, in transaction: inout PostgresTransaction
    ) throws {
        let clinics = try OrganisationStore().clinics(of: organisation, in: &transaction).filter {
            access.includes($0.id)
        }
        let regions = Dictionary(clinics.map { ($0.code, PhoneRegion.of(timeZone: $0.timeZone)) }) { first, _ in first }
        ids = Dictionary(clinics.map { ($0.code, $0.id) }) { first, _ in first }
        today = try OrganisationStore().today(of: organisation, in: &transaction)
        // A row of an unknown clinic is refused for that, not for its phone.
        places = ImportPlaces(Set(regions.keys)) { text, code in
            try? PhoneNumbers.read(text, in: regions[code] ?? "FR").phone
        }
    }

    /// Why something cannot have happened on a day yet; nil when it can.
    func refusal(of day: LocalDate, _ column: String, at code: String, line: Int) -> RowProblem? {
        guard let clinic = ids[code], let today = today[clinic], day > today else { return nil }
        return RowProblem(
            line: line, column: column, reason: "\(day) has not come yet: at the clinic it is \(today).",
            remedy: "Give \(today) or an earlier day.")
    }
}
