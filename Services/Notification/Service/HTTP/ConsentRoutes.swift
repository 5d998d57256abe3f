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
            let decidedAt = fields.optionalInstant("decidedAt")
            let draft = RecordConsent.Draft(
                phone: fields.phone("phone"), decision: fields.enumeration("decision"),
                proof: fields.string("proof", max: 1_000, .lines), decidedAt: decidedAt ?? now,
                isDated: decidedAt != nil)
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
        let text = try request.readQuery { fields in fields.string("phone", max: 20) }
        // A plus sign that is not written as %2B arrives as a blank, which is not there any more.
        guard let phone = Phone(e164: text.hasPrefix("+") ? text : "+\(text)") else {
            throw Problem.field(
                "?phone", reason: "It is not a phone number in E.164.",
                remedy: "Give the number such as %2B33612345678: in an address %2B stands for the plus sign.")
        }
        let organisation = try request.organisation
        let found = try await database.read(organisation: organisation) { transaction in
            try consents.history(of: phone.e164, by: .sms, in: organisation, 100, &transaction)
        }
        return try .json(.ok, ["items": found.map(ConsentAnswer.init)])
    }
}
