import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// The caller's organisation and its clinics (GEN-1).
struct OrganisationRoutes {
    let database: Database
    let ids: IdentifierSource
    let organisations = OrganisationStore()

    var routes: [Route] {
        [
            Route(
                .put, "/v1/organisation", operation: "putOrganisation",
                access: .roles([.manager], scope: "organisation:write"), put),
            Route(
                .get, "/v1/organisation", operation: "getOrganisation",
                access: .roles(Set(Role.allCases), scope: "organisation:read"), get),
            Route(
                .post, "/v1/clinics", operation: "createClinic",
                access: .roles([.manager], scope: "organisation:write"), idempotency: .required, createClinic),
            Route(
                .get, "/v1/clinics", operation: "listClinics",
                access: .roles(Set(Role.allCases), scope: "organisation:read"), listClinics),
        ]
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let id = try request.organisation
        let organisation = try request.read { fields in
            OrganisationRecord(
                id: id, name: fields.string("name"),
                siren: fields.optionalText("siren", max: 9, remedy: "Give nine digits.") { text in
                    text.count == 9 && text.allSatisfy(\.isNumber) ? text : nil
                })
        }
        let applied = try await database.change(because: request.cause()) { change in
            try organisations.put(organisation, in: &change)
            return OrganisationAnswer(id: id, name: organisation.name, siren: organisation.siren)
        }
        return try .json(.ok, applied.answer)
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id = try request.organisation
        let found = try await database.read(organisation: id) { transaction in
            try organisations.find(id, in: &transaction)
        }
        guard let found else { throw NotFound.organisation }
        return try .json(.ok, OrganisationAnswer(id: id, name: found.name, siren: found.siren))
    }

    @Sendable private func createClinic(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let clinic = try request.read { fields in
            ClinicRecord(
                id: ids.make(),
                code: fields.text("code", max: 12, else: "", remedy: "Give 1 to 12 capital letters or digits.") {
                    text in
                    text.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) } ? text : nil
                },
                name: fields.string("name"),
                timeZone: fields.optionalText("timeZone", max: 40, remedy: "Give a zone such as Europe/Paris.") {
                    text in
                    TimeZones.contains(text) ? text : nil
                } ?? "Europe/Paris")
        }
        let applied = try await database.change(because: request.cause()) { change in
            guard try organisations.find(organisation, in: &change.transaction) != nil else {
                throw NotFound.organisation
            }
            try organisations.insert(clinic, in: &change)
            return ClinicAnswer(clinic)
        }
        return try .json(.created, applied.answer)
    }

    @Sendable private func listClinics(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let clinics = try await database.read(organisation: organisation) { transaction in
            try organisations.clinics(of: organisation, in: &transaction)
        }
        return try .json(.ok, ["items": clinics.map(ClinicAnswer.init)])
    }
}
