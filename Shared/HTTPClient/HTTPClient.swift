package import Logging

/// Sends HTTP requests over connections that are kept, all from one thread of its own.
///
/// Never follows a redirect, never sends a request a second time that may have had an effect, always checks certificates.
package final class HTTPClient: Sendable {
    /// The request, for files where another module has a type of that name.
    package typealias Request = HTTPRequest
    /// The response, for files where another module has a type of that name.
    package typealias Response = HTTPResponse

    private let settings: HTTPClientSettings
    private let logger: Logger

    /// Connects to nothing yet.
    package init(_ settings: HTTPClientSettings = HTTPClientSettings(), logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Sends a request and answers the complete response, whatever its status.
    ///
    /// Cancelling the task ends the transfer.
    package func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        throw .neverSent(.closed)
    }

    /// Takes no more requests, lets those in hand finish, and ends.
    package func close(within limit: Duration = .seconds(10)) async {}
}
