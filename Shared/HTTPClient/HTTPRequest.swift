/// One HTTP request, complete before it is sent.
///
/// A limit left `nil` is the client's own (`HTTPClientSettings`).
package struct HTTPRequest: Sendable {
    /// What is asked of the resource.
    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        /// Whether asking twice is no different from asking once, not even in a log of the provider.
        package var isSafe: Bool { self == .get || self == .head }
    }

    /// What is asked of the resource.
    package var method: Method
    /// Absolute, `http` or `https`, percent-encoded, without user information.
    package var url: String
    /// Sent as they are; a line break in one is refused, and so are those that frame the message.
    package var headers: [(String, String)]
    /// `nil` sends no body; only methods other than GET and HEAD may have one.
    package var body: [UInt8]?
    /// How long name resolution, connection and TLS may take together.
    package var connectTimeout: Duration?
    /// How long everything may take, waiting for a free connection included.
    package var totalTimeout: Duration?
    /// The transfer is ended as soon as the body is longer.
    package var responseBytesMax: Int?
    /// A GET that does something at the server, as older interfaces have it: it is never repeated by itself.
    package var hasEffect = false

    /// A request with the client's limits unless others are given.
    package init(
        _ method: Method, _ url: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        connectTimeout: Duration? = nil, totalTimeout: Duration? = nil, responseBytesMax: Int? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.responseBytesMax = responseBytesMax
    }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible {
    /// The method alone: a URL, a header or a body may hold a secret or somebody's data.
    package var description: String { "\(method.rawValue) request" }

    /// The method alone.
    package var debugDescription: String { description }
}
