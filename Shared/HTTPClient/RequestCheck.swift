extension HTTPRequest {
    /// The request as the loop needs it, or why it may not be sent.
    func plan(_ settings: HTTPClientSettings) throws(HTTPClientError) -> TransferPlan {
        if body != nil, method.isSafe { throw .bodyNotAllowed }
        return TransferPlan(
            kind: .request(method: method, headers: try headerLines(), mayRepeat: method.isSafe && !hasEffect),
            url: url, body: body, connectTimeout: connectTimeout ?? settings.connectTimeout,
            totalTimeout: totalTimeout ?? settings.totalTimeout,
            answerBytesMax: responseBytesMax ?? settings.responseBytesMax)
    }

    private func headerLines() throws(HTTPClientError) -> [String] {
        var lines: [String] = []
        var hasContentType = false
        for (name, value) in headers {
            guard HeaderRules.mayBeSent(name, value) else { throw .invalidHeader(name: name) }
            hasContentType = hasContentType || name.lowercased() == "content-type"
            // In libcurl's notation "Name:" removes a header and "Name;" sends it empty.
            lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        guard !method.isSafe else { return lines }
        // Without these libcurl would call every body a form, and wait for leave before a long one.
        return lines + (hasContentType ? ["Expect:"] : ["Expect:", "Content-Type:"])
    }
}

/// What may stand in a header.
enum HeaderRules {
    /// They say where the message ends or where it goes: ours alone to write.
    private static let framing: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect",
        "proxy-authorization", "proxy-connection", "keep-alive",
    ]

    static func mayBeSent(_ name: String, _ value: String) -> Bool {
        isToken(name) && isValue(value) && !framing.contains(name.lowercased())
    }

    static func isToken(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 256 && name.utf8.allSatisfy { isTokenByte($0) }
    }

    /// Tab is the one control character that cannot end a line or be taken for its end.
    static func isValue(_ value: String) -> Bool {
        value.utf8.count <= 16 << 10 && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }

    /// What needs no percent-encoding anywhere.
    static func isUnreserved(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || "-._~".utf8.contains(byte) }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

/// The host and port of a URL that may be asked.
struct RequestTarget {
    static let urlBytesMax = 8 << 10
    /// As written in the URL, `host` or `host:port`.
    let authority: String

    /// Refuses what is not plain `http(s)://host[:port]/…`: spaces, line breaks, other schemes, user information.
    ///
    /// Works on bytes, and leaves the meaning of the rest to libcurl.
    init(_ url: String) throws(HTTPClientError) {
        var bytes = Array(url.utf8)[...]
        guard bytes.count <= Self.urlBytesMax, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }),
            let scheme = ["https://", "http://"].first(where: { bytes.starts(with: $0.utf8) })
        else { throw .invalidURL }
        bytes = bytes.dropFirst(scheme.utf8.count)
        let authority = bytes.prefix { !"/?#".utf8.contains($0) }
        guard !authority.isEmpty, !authority.contains(UInt8(ascii: "@")) else { throw .invalidURL }
        self.authority = String(decoding: authority, as: UTF8.self)
    }
}
