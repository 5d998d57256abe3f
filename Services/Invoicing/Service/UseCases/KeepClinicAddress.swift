import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Writes down where a clinic is, for the documents it issues from then on (INV-5).
struct KeepClinicAddress {
    let database: Database
    let audit: AuditStore
    let organisations = OrganisationStore()
    let addresses = ClinicAddressStore()

    func put(
        _ address: PostalAddress, of clinic: ClinicID, seen version: Int64, because cause: Cause
    ) async throws -> Applied<ClinicAddressAnswer> {
        try await database.change(because: cause) { change in
            let organisation = change.cause.organisation
            guard try organisations.hasClinic(clinic, in: &change) else { throw NotFound.clinic(clinic) }
            let known = try addresses.find(of: clinic, in: &change.transaction)
            guard known.version == version, try addresses.put(address, of: clinic, over: version, in: &change) else {
                throw StaleVersion(current: known.version)
            }
            let answer = ClinicAddressAnswer(address, of: clinic, version: version + 1)
            try audit.record(
                "clinic-address-changed", about: organisation, and: [clinic.value],
                before: ClinicAddressAnswer(known.address, of: clinic, version: version), after: answer, in: &change)
            return answer
        }
    }
}

/// Where a clinic is, as the API shows it.
struct ClinicAddressAnswer: Codable, Sendable {
    let clinicID: ClinicID
    let street: String?
    let postcode: String?
    let town: String?
    let country: String?
    let version: Int64

    init(_ address: PostalAddress?, of clinic: ClinicID, version: Int64) {
        clinicID = clinic
        street = address?.street
        postcode = address?.postcode
        town = address?.town
        country = address?.country
        self.version = version
    }
}
