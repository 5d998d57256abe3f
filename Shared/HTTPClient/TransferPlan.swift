/// Everything a handle must know for one transfer, checked and put together in the caller's task.
struct TransferPlan: Sendable {
    /// What is different between a request and a mail.
    enum Kind: Sendable {
        /// `headers` are whole lines; `mayRepeat` lets libcurl ask again when a kept connection turns out dead.
        case request(method: HTTPRequest.Method, headers: [String], mayRepeat: Bool)
        case mail(from: String, to: [String])
    }

    let kind: Kind
    let url: String
    let body: [UInt8]?
    let connectTimeout: Duration
    let totalTimeout: Duration
    let answerBytesMax: Int
}

/// What came of a transfer, before anybody judges it.
struct TransferResult: Sendable {
    /// Why we ended a transfer ourselves.
    enum Stop: Sendable {
        case cancelled
        case closed
        case timedOutWaiting
        case tooManyWaiting
        case answerTooLong
        case addressDenied
        case wouldRepeat
    }

    /// libcurl's own verdict, 0 for success.
    var code: Int = 0
    var stop: Stop?
    /// The last status or reply code, 0 if none came.
    var status = 0
    /// The proxy's answer to CONNECT, 0 if none came.
    var proxyStatus = 0
    /// The header lines, or the mail server's replies.
    var head: [UInt8] = []
    var body: [UInt8] = []
    /// The connection stood and the request, or the mail's first command, was begun.
    var wasBegun = false
    /// The last byte of the body was given to libcurl.
    var bodyWasHandedOver = false

    static func stopped(_ stop: Stop) -> TransferResult { TransferResult(stop: stop) }
}
