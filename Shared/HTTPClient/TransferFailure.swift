/// What ended a transfer, of a request or of a mail.
package enum TransferFailure: Sendable, Hashable {
    /// Nobody listens there, or no route leads there.
    case unreachable
    /// The name of the host (or of the proxy) has no address.
    case nameNotResolved
    /// The TLS handshake failed.
    case tlsFailed
    /// The certificate is not one we trust, or not that host's.
    case certificateRefused
    /// The connect or total time-out passed.
    case timedOut
    /// The connection broke, or was closed before the answer was complete.
    case connectionLost
    /// The task that waited was cancelled.
    case cancelled
    /// The address is not a public one and the client may reach public ones only.
    case addressDenied
    /// The proxy refused to connect us.
    case proxyRefused
    /// As many requests wait as may wait.
    case tooManyWaiting
    /// The client was closed.
    case closed
    /// The server does not accept our name and password.
    case loginRefused
    /// The server does not take mail now, whoever sends it.
    case serviceUnavailable
    /// The client's settings cannot be used: certificates that cannot be read, a password without TLS.
    case settingsRefused
    /// The answer breaks the protocol.
    case answerNotUnderstood
    /// Anything else, by libcurl's number.
    case other(Int)
}

extension TransferFailure: CustomStringConvertible {
    /// A few words for a log.
    package var description: String {
        switch self {
        case .unreachable: "unreachable"
        case .nameNotResolved: "name not resolved"
        case .tlsFailed: "TLS failed"
        case .certificateRefused: "certificate refused"
        case .timedOut: "timed out"
        case .connectionLost: "connection lost"
        case .cancelled: "cancelled"
        case .addressDenied: "address denied"
        case .proxyRefused: "proxy refused"
        case .tooManyWaiting: "too many requests waiting"
        case .closed: "client closed"
        case .loginRefused: "login refused"
        case .serviceUnavailable: "service unavailable"
        case .settingsRefused: "settings refused"
        case .answerNotUnderstood: "answer not understood"
        case .other(let code): "libcurl error \(code)"
        }
    }
}
