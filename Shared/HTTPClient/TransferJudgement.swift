import CCurl

extension TransferResult {
    /// What ended the transfer, in our words.
    var failure: TransferFailure {
        if let stop { return failure(of: stop) }
        if !wasBegun, proxyStatus >= 300 { return .proxyRefused }
        return failure(of: CURLcode(rawValue: UInt32(code)))
    }

    private func failure(of stop: Stop) -> TransferFailure {
        switch stop {
        case .cancelled: .cancelled
        case .closed: .closed
        case .timedOutWaiting: .timedOut
        case .tooManyWaiting: .tooManyWaiting
        case .answerTooLong: .answerNotUnderstood
        case .addressDenied: .addressDenied
        case .wouldRepeat: .connectionLost
        }
    }

    private func failure(of code: CURLcode) -> TransferFailure {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotResolved
        case CURLE_COULDNT_CONNECT: .unreachable
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_ISSUER_ERROR: .tlsFailed
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_INVALIDCERTSTATUS: .certificateRefused
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM: .settingsRefused
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND:
            .connectionLost
        case CURLE_PROXY: .proxyRefused
        case CURLE_LOGIN_DENIED: .loginRefused
        case CURLE_REMOTE_ACCESS_DENIED: .serviceUnavailable
        // An answer in the manner of HTTP/0.9 is reported as an unsupported protocol.
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING: .answerNotUnderstood
        default: .other(code == CURLE_OK ? 0 : Int(code.rawValue))
        }
    }

    // MARK: Of a request

    /// The response, or why there is none and whether the server may have acted.
    func response(bodyBytesMax: Int) throws(HTTPClientError) -> HTTPResponse {
        if code == 0, stop == nil || stop == .addressDenied {
            return HTTPResponse(status: status, headers: HeaderLines.parse(head), body: body)
        }
        if code == CURLE_URL_MALFORMAT.rawValue { throw .invalidURL }
        if code == CURLE_FILESIZE_EXCEEDED.rawValue || stop == .answerTooLong {
            throw .responseTooLarge(bytesMax: bodyBytesMax)
        }
        throw wasBegun ? .outcomeUnknown(failure) : .neverSent(failure)
    }

    // MARK: Of a mail

    /// The server's last reply, or why the mail was not taken and whether it may arrive all the same.
    func reply() throws(SMTPError) -> String {
        if code == 0, stop == nil { return MailReply.text(head, code: status) }
        let isVerdict = stop == nil && wasBegun && status >= 400
        if isVerdict {
            throw .refused(code: status, text: MailReply.text(head, code: status), permanent: status >= 500)
        }
        throw bodyWasHandedOver ? .outcomeUnknown(failure) : .neverSent(failure)
    }
}

/// Reads header lines as they came.
enum HeaderLines {
    static func parse(_ head: [UInt8]) -> [(String, String)] {
        var headers: [(String, String)] = []
        for line in head.split(separator: UInt8(ascii: "\n")).dropFirst() {
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if text.first == UInt8(ascii: " ") || text.first == UInt8(ascii: "\t"), let last = headers.indices.last {
                headers[last].1 += " " + string(text)
            } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
                headers.append((string(text[..<colon]), string(text[(colon + 1)...])))
            }
        }
        return headers
    }

    private static func string(_ bytes: ArraySlice<UInt8>) -> String {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }
}

/// Reads a mail server's replies, lines such as `250-SIZE` and `250 OK`.
enum MailReply {
    /// The text of the last reply with that code, its lines joined, without codes.
    ///
    /// The last of all may be the answer to our leaving.
    static func text(_ replies: [UInt8], code: Int) -> String {
        let lines = String(decoding: replies, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let end = lines.lastIndex(where: { $0.hasPrefix("\(code)") }) else { return "" }
        let isContinued = { (line: Substring) in line.hasPrefix("\(code)-") }
        let start = lines[..<end].lastIndex { !isContinued($0) }.map { $0 + 1 } ?? 0
        return lines[start...end].map { $0.dropFirst(4) }.joined(separator: " ")
    }
}
