import HTTPClient
import HTTPServer
import PaymentModel
import ServiceRuntime
import Testing

/// NOT-10: what is called off because its owner has no such thing is so in the owner's own words only.
@Suite(.timeLimit(.minutes(5))) struct `Asking who owns something` {
    private static func route(
        _ path: String, _ answer: @escaping @Sendable (Request) async throws -> Response
    ) -> Route {
        Route(.get, "/v1/\(path)", operation: path, access: .open(because: "a test"), answer)
    }

    /// What the owner says, and what a proxy before it says while the owner is away.
    private static let routes = [
        route("none") { _ in throw Problem.notFound("client") },
        route("gone") { _ in throw Problem(.gone, detail: "It was there.", remedy: "Ask for another.") },
        route("refused") { _ in throw Problem(.conflict, detail: "Not now.", remedy: "Wait.") },
        route("page") { _ in .html(404, "<h1>404 Not Found</h1>") },
        route("empty") { _ in .empty(404) },
        route("words") { _ in .text(410, #"{"message":"no Route matched with those values"}"#) },
        route("other") { _ in .text(404, #"{"type":"about:blank","title":"Not Found","status":404}"#) },
    ]

    @Test(arguments: [
        ("none", 404, true), ("gone", 410, true), ("refused", 409, false), ("page", 404, false),
        ("empty", 404, false), ("words", 410, false), ("other", 404, false),
    ])
    func `believes that there is none only where the owner says so`(
        path: String, status: Int, isFinal: Bool
    ) async throws {
        let settings = try Settings(
            [StandardSettings.tokenIssuer, StandardSettings.tokenAudience], from: Environment([:]))
        let asker = AskOwner.Asker(name: "notification", key: try SigningKey.generate(id: "tests"), settings: settings)
        try await RunningServer.run(Self.routes) { port, _ in
            let owner = AskOwner.Owner(name: "invoicing", baseURL: "http://127.0.0.1:\(port)", scope: "clients:read")
            let client = HTTPClient(logger: RunningServer.quiet)
            let ask = AskOwner(owner, as: asker, client: client, time: .system)
            do throws(OwnerUnavailable) {
                _ = try await ask.get(
                    "/v1/\(path)", in: OrganisationID(1), bytesMax: 10_000, within: .seconds(60))
                Issue.record("there is one")
            } catch {
                #expect(error.status == status && error.isFinal == isFinal, "\(error)")
            }
            await client.close()
        }
    }
}
