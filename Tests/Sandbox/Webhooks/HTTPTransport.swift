import HTTPClient
import Logging

/// Carries notifications over real connections.
struct HTTPTransport: DeliveryTransport {
    private let client: HTTPClient

    init(logger: Logger) {
        var settings = HTTPClientSettings()
        settings.userAgent = "sandbox"
        client = HTTPClient(settings, logger: logger)
    }

    func send(_ request: OutgoingRequest) async -> DeliveryResult {
        guard let method = HTTPRequest.Method(rawValue: request.method) else { return .failed("unknown method") }
        let headers = request.headers.map { ($0.name, $0.value) }
        do throws(HTTPClientError) {
            let response = try await client.send(HTTPRequest(method, request.url, headers: headers, body: request.body))
            return .answered(response.status)
        } catch {
            return .failed("\(error)")
        }
    }
}
