import HTTPServer
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Who agreed to marketing, and who took that back (NOT-9).
struct ConsentRoutes {
    let database: Database
    let record: RecordConsent
    let time: TimeSource
    let consents = ConsentStore()

    var routes: [Route] {
        [
            Route(
                .post, "/v1/consents", operation: "recordConsent",
                access: .roles([.manager, .frontDesk], scope: "consents:write"), idempotency: .required, create),
            Route(
                .get, "/v1/consents", operation: "listConsents",
                access: .roles([.manager, .frontDesk], scope: "consents:read"), list),
        ]
    }

    @Sendable private func create(_ request: Request) async throws -> Response {
        let now = time.now()
        let draft = try request.read { fields in
            let draft = RecordConsent.Draft(
                phone: fields.phone("phone"), decision: fields.enumeration("decision"),
                proof: fields.string("proof", max: 1_000, .lines), decidedAt: fields.optionalInstant("decidedAt") ?? now
            )
            // A decision of tomorrow would outlive every STOP of today.
            if draft.decidedAt > now {
                fields.refuse("decidedAt", reason: "It is in the future.", remedy: "Give when the client decided.")
            }
            return draft
        }
        let applied = try await record.run(draft, because: try request.cause())
        return try .json(.created, applied.answer)
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let phone = try request.readQuery { fields in fields.phone("phone") }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try consents.history(of: phone.e164, by: .sms, in: organisation, 100, &transaction)
        }
        return try .json(.ok, ["items": found.map(ConsentAnswer.init)])
    }
}
