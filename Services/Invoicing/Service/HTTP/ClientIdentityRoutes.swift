import HTTPServer
import InvoicingDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Who a client is when two are one and when a phone changes hands (INV-1), and that it is forgotten (GEN-7).
struct ClientIdentityRoutes {
    let merge: MergeClients
    let movePhone: MovePhone
    let erase: EraseClient

    var routes: [Route] {
        [
            Route(
                .post, "/v1/clients/{clientID}/merge", operation: "mergeClient",
                access: .roles([.manager], scope: "clients:write"), idempotency: .required, mergeClient
            ).forAllClinics,
            Route(
                .post, "/v1/clients/{clientID}/phone/move", operation: "movePhone",
                access: .roles([.manager, .frontDesk], scope: "clients:write"), idempotency: .required, move),
            Route(
                .get, "/v1/clients/{clientID}/erasure", operation: "previewErasure",
                access: .roles([.manager], scope: "clients:read"), previewErasure
            ).forAllClinics,
            Route(
                .post, "/v1/clients/{clientID}/erasure", operation: "eraseClient",
                access: .roles([.manager], scope: "clients:write"), idempotency: .required, eraseClient
            ).forAllClinics,
        ]
    }

    @Sendable private func mergeClient(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        let other = try request.read { fields in fields.id("intoClientID", of: ClientID.self) }
        let applied = try await merge.run(
            id, into: other, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func previewErasure(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        return try request.json(.ok, try await erase.preview(id, of: try request.organisation))
    }

    @Sendable private func eraseClient(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        let applied = try await erase.run(id, seen: request.versionToMatch(), because: request.cause())
        return try request.json(.ok, applied.answer)
    }

    @Sendable private func move(_ request: Request) async throws -> Response {
        let id: ClientID = try request.path("clientID")
        let (other, replacing) = try request.read { fields in
            (fields.id("toClientID", of: ClientID.self), fields.boolean("replacing", default: false))
        }
        let applied = try await movePhone.run(
            from: id, to: other, replacing: replacing, seen: request.versionToMatch(), because: request.cause())
        return try .json(.ok, applied.answer).tagged(applied.answer.version)
    }
}
