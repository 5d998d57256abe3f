import HTTPServer
import InvoicingDomain
import PaymentModel
import PhoneNumbers
import PostgresClient

/// The clinics whose rows somebody may bring, by their codes, and how numbers are dialled there.
struct ImportClinics: Sendable {
    let ids: [String: ClinicID]
    let places: ImportPlaces

    init(
        of organisation: OrganisationID, for access: ClinicAccess, in transaction: inout PostgresTransaction
    ) throws {
        let clinics = try OrganisationStore().clinics(of: organisation, in: &transaction).filter {
            access.includes($0.id)
        }
        let regions = Dictionary(clinics.map { ($0.code, PhoneRegion.of(timeZone: $0.timeZone)) }) { first, _ in first }
        ids = Dictionary(clinics.map { ($0.code, $0.id) }) { first, _ in first }
        // A row of an unknown clinic is refused for that, not for its phone.
        places = ImportPlaces(Set(regions.keys)) { text, code in
            try? PhoneNumbers.read(text, in: regions[code] ?? "FR").phone
        }
    }
}
