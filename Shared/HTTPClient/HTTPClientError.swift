/// Why there is no response; what matters to the caller is whether the server may have acted.
///
/// Holds no URL, header or body, so it may be logged as it is.
package enum HTTPClientError: Error, Sendable, Hashable {
    /// Not a byte of the request left us: nothing can have happened, a retry is safe.
    case neverSent(TransferFailure)
    /// The request was on its way: the server may have acted; ask it before doing anything again.
    case outcomeUnknown(TransferFailure)
    /// The server answered, and acted, but with more than we take; the effect is not known either.
    case responseTooLarge(bytesMax: Int)
    /// Not an absolute `http` or `https` URL without user information, or not percent-encoded; nothing was sent.
    case invalidURL
    /// A name or value with a line break or another control character, or one that frames the message.
    case invalidHeader(name: String)
    /// A GET or HEAD with a body; nothing was sent.
    case bodyNotAllowed

    /// Whether the server may have acted on the request.
    package var effectIsPossible: Bool {
        switch self {
        case .outcomeUnknown, .responseTooLarge: true
        case .neverSent, .invalidURL, .invalidHeader, .bodyNotAllowed: false
        }
    }
}

extension HTTPClientError: CustomStringConvertible {
    /// A sentence for a log.
    package var description: String {
        switch self {
        case .neverSent(let failure): "the request was never sent: \(failure)"
        case .outcomeUnknown(let failure): "the outcome of the request is unknown: \(failure)"
        case .responseTooLarge(let bytesMax): "the response is longer than \(bytesMax) bytes"
        case .invalidURL: "the URL is not an absolute http or https URL"
        case .invalidHeader(let name): "the header \(name.filter { $0.isASCII && !$0.isNewline }) may not be sent"
        case .bodyNotAllowed: "a GET or HEAD request may not have a body"
        }
    }
}
