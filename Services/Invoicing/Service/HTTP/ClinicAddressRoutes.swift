import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Where clinics are, if not at the head office; documents say it (INV-5).
struct ClinicAddressRoutes {
    let database: Database
    let keep: KeepClinicAddress

    var routes: [Route] {
        let path = "/v1/clinics/{clinicID}/address"
        return [
            Route(
                .get, path, operation: "getClinicAddress",
                access: .roles(Set(Role.allCases), scope: "organisation:read"), get),
            Route(
                .put, path, operation: "putClinicAddress", access: .roles([.manager], scope: "organisation:write"),
                put),
        ]
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let clinic: ClinicID = try request.path("clinicID")
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            guard try keep.organisations.clinic(clinic, of: organisation, in: &transaction) != nil else {
                throw NotFound.clinic(clinic)
            }
            return try keep.addresses.find(of: clinic, in: &transaction)
        }
        let answer = ClinicAddressAnswer(found.address, of: clinic, version: found.version)
        return try .json(.ok, answer).tagged(found.version)
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let clinic: ClinicID = try request.path("clinicID")
        let address = try request.read { fields in PostalAddress(fields) }
        try request.principal.require(clinic)
        let applied = try await keep.put(
            address, of: clinic, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }
}
