import PaymentModel
import TransactionalMessaging

/// Writes down a chain of clinics, and takes in its clinics (GEN-1).
struct KeepOrganisation {
    let database: Database
    let ids: IdentifierSource
    let organisations = OrganisationStore()
    private var audit: AuditStore { AuditStore(ids: ids) }

    /// At the version its writer has seen.
    func put(_ organisation: OrganisationRecord, because cause: Cause) async throws -> Applied<OrganisationAnswer> {
        try await database.change(because: cause) { change in
            let known = try organisations.find(organisation.id, in: &change.transaction)
            guard known?.version ?? 0 == organisation.version, try organisations.put(organisation, in: &change) else {
                throw StaleVersion(current: known?.version ?? 0)
            }
            var saved = organisation
            saved.version += 1
            let answer = OrganisationAnswer(saved)
            try audit.record(
                "organisation-changed", about: organisation.id, before: known.map(OrganisationAnswer.init),
                after: answer, in: &change)
            return answer
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
            let answer = ClinicAnswer(clinic)
            try audit.record(
                "clinic-added", about: change.cause.organisation, before: nil as ClinicAnswer?, after: answer,
                in: &change)
            return answer
        }
    }
}
