package import Logging
package import Metrics

/// Sends HTTP requests over connections that are kept, all from one thread of its own.
///
/// Never follows a redirect, never sends a request again that may have had an effect, always checks certificates.
package final class HTTPClient: Sendable {
    /// The request, for files where another module has a type of that name.
    package typealias Request = HTTPRequest
    /// The response, for files where another module has a type of that name.
    package typealias Response = HTTPResponse

    private let settings: HTTPClientSettings
    private let loop: TransferLoop
    private let meter: TransferMeter

    /// Starts the client's thread; connects to nothing yet.
    package init(
        _ settings: HTTPClientSettings = HTTPClientSettings(), logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.settings = settings
        loop = TransferLoop(TransferSettings(settings))
        meter = TransferMeter(label: "quittance_http_client_request_seconds", logger: logger, factory: metrics)
    }

    deinit { loop.stop(within: .zero) }

    /// Sends a request and answers the complete response, whatever its status.
    ///
    /// Cancelling the task ends the transfer.
    package func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let target = try RequestTarget(request.url)
        let plan = try request.plan(settings)
        let start = ContinuousClock.now
        let result = await loop.run(plan)
        do throws(HTTPClientError) {
            let response = try result.response(bodyBytesMax: plan.answerBytesMax)
            meter.record(host: target.authority, outcome: "\(response.status / 100)xx", since: start)
            return response
        } catch {
            meter.record(host: target.authority, outcome: error.kind, since: start)
            throw error
        }
    }

    /// Takes no more requests, lets those on the wire finish within the limit, and ends.
    package func close(within limit: Duration = .seconds(10)) async {
        await loop.close(within: limit)
    }
}

extension HTTPClientError {
    fileprivate var kind: String {
        switch self {
        case .neverSent: "never-sent"
        case .outcomeUnknown: "outcome-unknown"
        case .responseTooLarge: "too-large"
        case .invalidURL, .invalidHeader, .bodyNotAllowed: "invalid"
        }
    }
}
