import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Whether a payout is pointed on its provider's word, before the bank shows it (REC-2).
struct ProvidersWordRoutes {
    let database: Database
    let take: TakeProvidersWord

    var routes: [Route] {
        let path = "/v1/providers-word"
        return [
            Route(
                .get, path, operation: "getProvidersWord",
                access: .roles([.manager, .accountant], scope: "reconciliation:read"), get),
            Route(
                .put, path, operation: "putProvidersWord",
                access: .roles([.manager, .accountant], scope: "reconciliation:write"), timeMax: .seconds(300), put),
        ]
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        // It has no filter, and says so to whoever gives one.
        try request.readQuery { (_: Fields) in }
        let organisation = try request.organisation
        let said = try await database.read(organisation: organisation) { transaction in
            try take.match.words.said(by: organisation, &transaction)
        }
        return try .json(.ok, said ?? .unsaid)
    }

    @Sendable private func put(_ request: Request) async throws -> Response {
        let isTaken = try request.read { fields in fields.boolean("isTaken") }
        return try .json(.ok, try await take.run(isTaken, because: request.cause()).answer)
    }
}

/// Whether an organisation takes its providers' word, and who said so.
struct ProvidersWordAnswer: Codable, Sendable {
    let isTaken: Bool
    /// Nobody while nobody has said anything.
    let changedBy: String?
    let changedAt: Instant?

    /// The bank's word alone points, until the organisation says otherwise.
    static let unsaid = ProvidersWordAnswer(isTaken: false, changedBy: nil, changedAt: nil)
}
