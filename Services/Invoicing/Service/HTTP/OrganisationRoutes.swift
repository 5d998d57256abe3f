import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// The caller's organisation and its clinics (GEN-1).
struct OrganisationRoutes {
    let database: Database
    let keep: KeepOrganisation
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
            Route(
                .get, "/v1/clinics/{clinicID}", operation: "getClinic",
                access: .roles(Set(Role.allCases), scope: "organisation:read"), getClinic),
            Route(
                .put, "/v1/clinics/{clinicID}", operation: "putClinic",
                access: .roles([.manager], scope: "organisation:write"), putClinic),
        ]
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let id = try request.organisation
        var organisation = try request.read { fields in
            OrganisationRecord(id: id, name: fields.string("name"), siren: fields.siren("siren"))
        }
        organisation.version = try request.versionToMatch()
        let answer = try await keep.put(organisation, because: request.cause()).answer
        return try .json(.ok, answer).tagged(answer.version)
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let id = try request.organisation
        let found = try await database.read(organisation: id) { transaction in
            try organisations.find(id, in: &transaction)
        }
        guard let found else { throw NotFound.organisation }
        return try .json(.ok, OrganisationAnswer(found)).tagged(found.version)
    }

    @Sendable private func createClinic(_ request: Request) async throws -> Response {
        let (code, name, zone) = try request.read { fields in
            (
                fields.text("code", max: 12, else: "", remedy: "Give 1 to 12 capital letters or digits.") {
                    text in
                    text.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) } ? text : nil
                },
                fields.string("name"), fields.optionalTimeZone() ?? "Europe/Paris"
            )
        }
        let applied = try await keep.addClinic(code: code, name: name, timeZone: zone, because: request.cause())
        return try .json(.created, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func getClinic(_ request: Request) async throws -> Response {
        let id: ClinicID = try request.path("clinicID")
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try organisations.clinic(id, of: organisation, in: &transaction)
        }
        guard let found else { throw NotFound.clinic(id) }
        return try .json(.ok, ClinicAnswer(found)).tagged(found.version)
    }

    @Sendable private func putClinic(_ request: Request) async throws -> Response {
        let id: ClinicID = try request.path("clinicID")
        let (name, zone) = try request.read { fields in (fields.string("name"), fields.timeZone()) }
        let applied = try await keep.changeClinic(
            id, name: name, timeZone: zone, seen: request.versionToMatch(), for: request.principal.clinics,
            because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func listClinics(_ request: Request) async throws -> Response {
        let organisation = try request.organisation
        let page = try request.readQuery { fields in fields.page { $0.count == 1 ? $0[0] : nil } }
        let clinics = try await database.read(organisation: organisation) { transaction in
            try organisations.clinics(
                of: organisation, after: page.last ?? "", rows: page.rows, in: &transaction)
        }
        return try .json(.ok, Page(clinics.map(ClinicAnswer.init), of: page) { Cursor([$0.code]) })
    }
}

extension Fields {
    private static let zoneRemedy: Sentence = "Give a zone such as Europe/Paris."

    fileprivate func timeZone() -> String {
        text("timeZone", max: 40, else: "", remedy: Fields.zoneRemedy, Fields.readZone)
    }

    fileprivate func optionalTimeZone() -> String? {
        optionalText("timeZone", max: 40, remedy: Fields.zoneRemedy, Fields.readZone)
    }

    private static func readZone(_ text: String) -> String? { TimeZones.contains(text) ? text : nil }
}
