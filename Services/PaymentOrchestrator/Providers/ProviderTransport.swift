package import HTTPClient
package import PaymentModel

/// How requests reach a provider; a test puts its own in place of the network.
package struct ProviderTransport: Sendable {
    /// Sends one request for one account.
    package let send: @Sendable (HTTPRequest, ProviderCall) async throws(HTTPClientError) -> HTTPResponse

    /// A transport of any kind.
    package init(
        send: @escaping @Sendable (HTTPRequest, ProviderCall) async throws(HTTPClientError) -> HTTPResponse
    ) {
        self.send = send
    }

    /// Straight over HTTP.
    package static func over(_ client: HTTPClient) -> ProviderTransport {
        ProviderTransport { request, _ throws(HTTPClientError) in try await client.send(request) }
    }
}

/// For whom a request goes out, and until when it may.
package struct ProviderCall: Hashable, Sendable {
    /// For whom is asked what is no account's, so that it holds up no account's calls and counts as none.
    package static let nobody = ProviderAccountID(0)

    /// The account it speaks for.
    package let account: ProviderAccountID
    /// When it is too late to leave, because somebody else may ask in its place; `nil` when it never is.
    package let leavesBefore: Instant?
    /// Whether the provider knows the same request again, so that asking twice acts once.
    package let isRepeatable: Bool

    /// A call of an account.
    package init(_ account: ProviderAccountID, leavesBefore: Instant? = nil, isRepeatable: Bool = false) {
        self.account = account
        self.leavesBefore = leavesBefore
        self.isRepeatable = isRepeatable
    }
}

/// How one exchange with a provider went, for metrics.
package struct ProviderExchange: Sendable {
    /// What was asked, as `GET` or `POST`.
    package let method: HTTPRequest.Method
    /// The status, or `nil` when none came.
    package let status: Int?
    /// How long it took.
    package let duration: Duration
}
