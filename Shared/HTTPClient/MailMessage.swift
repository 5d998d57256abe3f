/// A mail as the reader sees it, and its form on the wire (MIME).
///
/// The wire form is pure ASCII with CR LF line ends, so every server can carry it unchanged.
package struct MailMessage: Sendable {
    /// Somebody's address with the name to show.
    package struct Mailbox: Sendable, Hashable {
        package var name: String?
        package var address: String

        /// An address, with a name to show or without.
        package init(_ address: String, name: String? = nil) {
            self.address = address
            self.name = name
        }
    }

    /// A file that comes with the mail.
    package struct Attachment: Sendable, Hashable {
        package var fileName: String
        /// Such as `application/pdf`.
        package var contentType: String
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
    package var from: Mailbox
    package var to: [Mailbox]
    package var replyTo: Mailbox?
    package var subject: String
    package var text: String
    /// The same content for readers of HTML.
    package var html: String?
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
        /// A header has a name or value that would break the header block.
        case invalidHeader(name: String)
        /// A content type that is not `type/subtype`.
        case invalidContentType
    }

    /// The mail as bytes, ready for `SMTPClient.send`.
    package func encoded() throws(Problem) -> [UInt8] { [] }

    /// Who sends it and who receives it, for `SMTPClient.send`.
    package var envelope: SMTPEnvelope { SMTPEnvelope(from: from.address, to: to.map(\.address)) }
}
