import PaymentModel
import TransactionalMessaging

/// Writes down a chain of clinics, and takes in its clinics (GEN-1).
struct KeepOrganisation {
    let database: Database
    let ids: IdentifierSource
    let organisations = OrganisationStore()

    func put(_ organisation: OrganisationRecord, because cause: Cause) async throws -> Applied<OrganisationAnswer> {
        try await database.change(because: cause) { change in
            try organisations.put(organisation, in: &change)
            return OrganisationAnswer(organisation)
        }
    }

    func addClinic(
        code: String, name: String, timeZone: String, because cause: Cause
    ) async throws -> Applied<ClinicAnswer> {
        let clinic = ClinicRecord(id: ids.make(), code: code, name: name, timeZone: timeZone)
        return try await database.change(because: cause) { change in
            guard try organisations.find(change.cause.organisation, in: &change.transaction) != nil else {
                throw NotFound.organisation
            }
            try organisations.insert(clinic, in: &change)
            return ClinicAnswer(clinic)
        }
    }
}
