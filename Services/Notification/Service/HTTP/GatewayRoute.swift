import HTTPServer
import Logging
import Metrics
import Observability

extension Route {
    /// A route by which a gateway reports; whether its calls were the gateway's own, and could be read, is counted.
    ///
    /// `handle` answers nil for what it cannot read, which is answered with 200: it will not be better the next time.
    static func ofGateway(
        _ method: HTTPMethod, _ gateway: String, _ what: String, operation: String,
        _ handle: @escaping @Sendable (Request) async throws -> Response?
    ) -> Route {
        // An alert sees no growth where the first value is a count.
        count("unread", of: gateway, times: 0)
        return Route(
            method, "/webhooks/\(gateway)/\(what)", operation: operation, access: .signedWebhook,
            bodyBytesMax: 16 << 10
        ) { request in
            do {
                guard let answer = try await handle(request) else {
                    count("unread", of: gateway)
                    request.logger.warning(
                        "what a gateway told could not be read",
                        metadata: [LogField.reason: "\(gateway), \(what), a body of \(request.body.count) bytes"])
                    return .empty(.ok)
                }
                count("taken", of: gateway)
                return answer
            } catch let problem as Problem where problem.code == .signatureInvalid {
                count("forged", of: gateway)
                throw problem
            }
        }
    }

    private static func count(_ outcome: String, of gateway: String, times count: Int = 1) {
        Counter(
            label: "quittance_gateway_notifications", dimensions: [("gateway", gateway), ("outcome", outcome)]
        ).increment(by: count)
    }
}
