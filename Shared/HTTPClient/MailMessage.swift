/// A mail as the reader sees it, and its form on the wire (MIME).
///
/// The wire form is pure ASCII with CR LF line ends, so every server can carry it unchanged.
package struct MailMessage: Sendable {
    /// Somebody's address with the name to show.
    package struct Mailbox: Sendable, Hashable {
        /// What a mail program shows instead of the address.
        package var name: String?
        /// Such as `accueil@clinique.example`.
        package var address: String

        /// An address, with a name to show or without.
        package init(_ address: String, name: String? = nil) {
            self.address = address
            self.name = name
        }
    }

    /// A file that comes with the mail.
    package struct Attachment: Sendable, Hashable {
        /// What the file is called when it is saved.
        package var fileName: String
        /// Such as `application/pdf`.
        package var contentType: String
        /// The file itself.
        package var bytes: [UInt8]

        /// A file with its name and kind.
        package init(fileName: String, contentType: String, bytes: [UInt8]) {
            self.fileName = fileName
            self.contentType = contentType
            self.bytes = bytes
        }
    }

    /// Given by the caller and the same on every try, `unique@domain`, so that a mail sent twice is recognised.
    package var messageID: String
    /// Seconds since 1970, for the `Date` header.
    package var sentAt: Int64
    /// Who writes.
    package var from: Mailbox
    /// Who reads.
    package var to: [Mailbox]
    /// Where answers go, if not to the writer.
    package var replyTo: Mailbox?
    /// The subject, in any script.
    package var subject: String
    /// The content, with line ends of any kind.
    package var text: String
    /// The same content for readers of HTML.
    package var html: String?
    /// Files that come with it.
    package var attachments: [Attachment] = []
    /// More headers, such as `Auto-Submitted`; written after the others.
    package var headers: [(String, String)] = []

    /// A mail of text; the other parts are set afterwards.
    package init(
        messageID: String, sentAt: Int64, from: Mailbox, to: [Mailbox], subject: String, text: String,
        html: String? = nil
    ) {
        self.messageID = messageID
        self.sentAt = sentAt
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
    }

    /// Why a mail has no form on the wire.
    package enum Problem: Error, Sendable, Hashable {
        /// An address or the message id has characters it may not have.
        case invalidAddress
        /// A header that would break the header block, or one that is written from the mail's own parts.
        case invalidHeader(name: String)
        /// A content type that is not `type/subtype`.
        case invalidContentType
    }

    /// Who sends it and who receives it, for `SMTPClient.send`.
    package var envelope: SMTPEnvelope { SMTPEnvelope(from: from.address, to: to.map(\.address)) }

    /// The mail as bytes, ready for `SMTPClient.send`.
    package func encoded() throws(Problem) -> [UInt8] {
        let head = try headerLines() + ["MIME-Version: 1.0"]
        return Array((head.joined(separator: "\r\n") + "\r\n").utf8) + (try content().encoded())
    }

    private func headerLines() throws(Problem) -> [String] {
        guard MailAddress.isValid(messageID) else { throw .invalidAddress }
        var lines = [
            "Date: \(HTTPDate.text(secondsSince1970: sentAt, zone: "+0000"))", "Message-ID: <\(messageID)>",
            try MailHeader.line("From", mailboxes: [from]), try MailHeader.line("To", mailboxes: to),
        ]
        if let replyTo { lines.append(try MailHeader.line("Reply-To", mailboxes: [replyTo])) }
        lines.append(try MailHeader.line("Subject", text: subject))
        for (name, value) in headers { lines.append(try MailHeader.extraLine(name, value)) }
        return lines
    }

    private func content() throws(Problem) -> MailPart {
        var readable = MailPart.text(text, subtype: "plain")
        if let html { readable = .multipart("alternative", [readable, .text(html, subtype: "html")]) }
        guard !attachments.isEmpty else { return readable }
        var parts = [readable]
        for attachment in attachments { parts.append(try .file(attachment)) }
        return .multipart("mixed", parts)
    }
}

extension MailMessage: CustomStringConvertible, CustomDebugStringConvertible {
    /// The message's id: everything else is somebody's data.
    package var description: String { "mail \(messageID)" }

    /// The message's id.
    package var debugDescription: String { description }
}
