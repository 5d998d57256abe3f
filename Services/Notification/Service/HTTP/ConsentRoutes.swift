import HTTPServer
import NotificationChannels
import NotificationDomain
import Observability
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Who agreed to marketing, and who said STOP (NOT-9).
struct ConsentRoutes {
    let database: Database
    let record: RecordConsent
    let stop: TakeStop
    let smsFactor: Secret
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
            .ofGateway(.post, "smsfactor", "replies", operation: "takeSMSFactorReply", takeReply),
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

    /// A STOP, or any reply; what is neither is answered with 200 and forgotten.
    @Sendable private func takeReply(_ request: Request) async throws -> Response {
        let signature = request.headers[SMSFactorReceipt.signatureHeader] ?? ""
        guard SMSFactorReceipt.isGenuine(signature, of: request.body, secret: smsFactor) else {
            throw Problem.notSigned
        }
        guard let reply = SMSFactorReply(request.body), StopWord.begins(reply.text) else { return .empty(.ok) }
        try await stop.run(reply.from, "reply to \(reply.lastMessage)", from: "smsfactor", run: reply.identity)
        return .empty(.ok)
    }
}
