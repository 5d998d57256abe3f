/// One part of a mail's content, with its own headers.
struct MailPart {
    private let headers: [String]
    private let body: [UInt8]

    /// Headers, an empty line, and the body, which ends a line.
    func encoded() -> [UInt8] {
        Array((headers.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    /// Plain where that is possible: it is what people see when they look at a mail's source.
    static func text(_ text: String, subtype: String) -> MailPart {
        let bytes = MailEncoding.withLineEndPairs(text)
        let isPlain = MailEncoding.isPlain(bytes)
        return MailPart(
            headers: [
                "Content-Type: text/\(subtype); charset=utf-8",
                "Content-Transfer-Encoding: \(isPlain ? "7bit" : "quoted-printable")",
            ],
            body: (isPlain ? bytes : MailEncoding.quotedPrintable(bytes)) + Array("\r\n".utf8))
    }

    static func file(_ attachment: MailMessage.Attachment) throws(MailMessage.Problem) -> MailPart {
        let kind = attachment.contentType.split(separator: "/", omittingEmptySubsequences: false)
        guard kind.count == 2, kind.allSatisfy({ HeaderRules.isToken(String($0)) }) else { throw .invalidContentType }
        return MailPart(
            headers: [
                "Content-Type: \(attachment.contentType)", "Content-Transfer-Encoding: base64",
                "Content-Disposition: attachment;\r\n \(fileName(attachment.fileName))",
            ],
            body: Array(MailEncoding.base64Lines(attachment.bytes).utf8))
    }

    /// The boundary can stand in none of the parts: both encodings leave out `=_`, and plain text with it is encoded.
    static func multipart(_ subtype: String, _ parts: [MailPart]) -> MailPart {
        let boundary = "=_\(subtype)"
        var body: [UInt8] = []
        for part in parts { body += Array("--\(boundary)\r\n".utf8) + part.encoded() }
        body += Array("--\(boundary)--\r\n".utf8)
        return MailPart(headers: ["Content-Type: multipart/\(subtype); boundary=\"\(boundary)\""], body: body)
    }

    /// By RFC 2231 if there is more than ASCII in it; a path is not a name.
    private static func fileName(_ name: String) -> String {
        let safe = name.unicodeScalars.filter { $0.value >= 0x20 && !"/\\\"\u{7F}".unicodeScalars.contains($0) }
        let text = String(String.UnicodeScalarView(safe.prefix(100)))
        let isPlain = text.utf8.allSatisfy { $0 < 0x80 }
        return isPlain ? "filename=\"\(text)\"" : "filename*=utf-8''\(PercentCoding.encoded(text))"
    }
}
