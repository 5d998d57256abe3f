/// What the server answered, whatever the status.
///
/// A status of 400 or 500 is an answer, not an error: only the caller knows what it means.
package struct HTTPResponse: Sendable {
    /// Such as 200.
    package let status: Int
    /// In the order they came, names as the server wrote them.
    package let headers: [(String, String)]
    /// Complete, and never longer than the request allowed.
    package let body: [UInt8]

    /// A response as it came off the wire, or as a test wants it.
    package init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Whether the status is one of success (2xx).
    package var isSuccess: Bool { (200..<300).contains(status) }

    /// The value of the first header of that name, whatever its case.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.0.lowercased() == wanted }?.1
    }

    /// How long the server asks us to wait before the next try; never negative.
    ///
    /// A date is measured against the response's own `Date`, so a server whose clock is wrong is still understood;
    /// a date without a `Date` beside it is not.
    package var retryAfter: Duration? {
        header("Retry-After").flatMap { RetryAfter.delay(of: $0, answeredAt: header("Date")) }
    }
}

extension HTTPResponse: CustomStringConvertible, CustomDebugStringConvertible {
    /// Status and length: what the server wrote may hold somebody's data.
    package var description: String { "\(status), \(body.count) bytes" }

    /// Status and length.
    package var debugDescription: String { description }
}
