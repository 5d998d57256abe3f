package import HTTPClient
package import NotificationDomain
import Observability
import PaymentModel

/// E-mail through any SMTP server.
package struct SMTPGateway: MessageGateway {
    package let name = "smtp"
    private let client: SMTPClient
    private let sender: MailMessage.Mailbox
    /// Of all attachments of one mail together; servers refuse mails that are much larger than this.
    private let attachmentBytesMax: Int
    /// Whether the server is told a user and a password.
    private let hasLogin: Bool

    package init(
        client: SMTPClient, sender: MailMessage.Mailbox, attachmentBytesMax: Int, hasLogin: Bool = true
    ) {
        self.client = client
        self.sender = sender
        self.attachmentBytesMax = attachmentBytesMax
        self.hasLogin = hasLogin
    }

    package func send(_ message: OutgoingMessage) async -> DispatchOutcome {
        guard message.attachments.reduce(0, { $0 + $1.bytes.count }) <= attachmentBytesMax else {
            return .refused(reason: "its attachments are larger than \(attachmentBytesMax) bytes")
        }
        let mail = mail(message)
        do {
            let reply = try await client.send(mail.envelope, message: try mail.encoded())
            return .accepted(reference: reference(reply), parts: 1)
        } catch let error as SMTPError {
            return outcome(of: error)
        } catch {
            // The error may quote what could not be written, which is personal.
            return .refused(reason: "the mail cannot be written")
        }
    }

    /// The server's name for the mail; some repeat the recipient, who belongs in no event.
    private func reference(_ reply: String) -> String? {
        reply.isEmpty || reply.contains("@") ? nil : String(reply.prefix(200))
    }

    private func mail(_ message: OutgoingMessage) -> MailMessage {
        let domain = sender.address.split(separator: "@").last.map(String.init) ?? "localhost"
        var mail = MailMessage(
            messageID: "\(message.id)@\(domain)", sentAt: message.writtenAt.microsecondsSince1970 / 1_000_000,
            from: sender, to: [MailMessage.Mailbox(message.address)], subject: message.subject,
            text: message.text + (message.payButton.map { "\n\n\($0.label)\n\($0.address.reveal())\n" } ?? ""),
            html: MailHTML.page(message.text, message.payButton))
        mail.attachments = message.attachments
        mail.headers = [("Auto-Submitted", "auto-generated")]
        return mail
    }

    private func outcome(of error: SMTPError) -> DispatchOutcome {
        switch error {
        // It does not know us: the mail can leave when the account is mended.
        case .refused(530, _, _), .refused(534, _, _), .refused(535, _, _):
            .notTaken(reason: "the mail server does not let us in")
        case .refused(_, let text, true) where !hasLogin && isForStrangers(text):
            .notTaken(reason: "the mail server does not let us in")
        case .refused(let code, _, let permanent):
            permanent
                ? .refused(reason: "the mail server answered \(code)")
                : .notTaken(reason: "the mail server answered \(code)")
        case .neverSent: .notTaken(reason: "the mail server was not reached")
        case .outcomeUnknown: .unknown(reason: "the mail server did not answer")
        case .invalidAddress, .invalidMessage: .refused(reason: "\(error)")
        }
    }

    /// Many servers answer who says no password with the code of what they never take; their words tell the two apart:
    /// that they are no relay, that nobody said who he is, or that he has no access (5.7).
    ///
    /// Not by an address they repeat: many a client's is at a host that calls itself a relay.
    private func isForStrangers(_ text: String) -> Bool {
        let words = text.lowercased().split(whereSeparator: \.isWhitespace).filter { !$0.contains("@") }
        return words.contains { $0.contains("relay") || $0.contains("authenticat") }
            || text.hasPrefix("5.7.") && text.lowercased().contains("access denied")
    }
}
