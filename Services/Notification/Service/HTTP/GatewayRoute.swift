import HTTPServer
import Metrics

extension Route {
    /// A route by which a gateway reports; whether its calls were the gateway's own is counted.
    static func ofGateway(
        _ method: HTTPMethod, _ gateway: String, _ what: String, operation: String,
        _ handle: @escaping @Sendable (Request) async throws -> Response
    ) -> Route {
        Route(
            method, "/webhooks/\(gateway)/\(what)", operation: operation, access: .signedWebhook,
            bodyBytesMax: 16 << 10
        ) { request in
            do {
                let answer = try await handle(request)
                count("taken", of: gateway)
                return answer
            } catch let problem as Problem where problem.code == .signatureInvalid {
                count("forged", of: gateway)
                throw problem
            }
        }
    }

    private static func count(_ outcome: String, of gateway: String) {
        Counter(
            label: "quittance_gateway_notifications", dimensions: [("gateway", gateway), ("outcome", outcome)]
        ).increment()
    }
}
