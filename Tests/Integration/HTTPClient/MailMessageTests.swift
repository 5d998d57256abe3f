import HTTPClient
import TestSupport
import Testing

@Suite struct `Writing mail` {
    private func mail(subject: String = "Votre facture", text: String = "Bonjour") -> MailMessage {
        MailMessage(
            messageID: "0190f7a2@quittance.example", sentAt: 1_795_301_423,
            from: .init("clinique@quittance.example", name: "Clinique vétérinaire du Pré-aux-Clercs"),
            to: [.init("client@example.org", name: "Zoë \"Z\" Müller")], subject: subject, text: text)
    }

    /// Sends it, and answers what a reader of Python's standard library makes of it.
    private func read(_ mail: MailMessage) async throws -> SandboxMailServer.Message {
        let server = try SandboxMailServer()
        let client = SMTPClient(server.settings(.plain), logger: quiet)
        try await client.send(mail.envelope, message: try mail.encoded())
        return try #require(try await server.messages().first)
    }

    private func header(_ name: String, _ message: SandboxMailServer.Message) -> String? {
        message.headers.first { $0[0] == name }?[1]
    }

    @Test func `headers in any script arrive as written, in lines of at most 76`() async throws {
        let subject = "Votre facture n° 2026-0042 : 129,90 € à régler en trois fois, avant le 21 décembre 🐈 "
        var mail = mail(subject: subject + String(repeating: "é", count: 200))
        mail.replyTo = .init("accueil@quittance.example", name: "Accueil, matin")
        mail.headers = [("Auto-Submitted", "auto-generated"), ("X-Words", String(repeating: "mot ", count: 60))]
        let received = try await read(mail)
        #expect(received.subject == mail.subject)
        #expect(received.messageID == "<0190f7a2@quittance.example>")
        #expect(header("Date", received) == "Sat, 21 Nov 2026 22:50:23 +0000")
        #expect(header("From", received) == "Clinique vétérinaire du Pré-aux-Clercs <clinique@quittance.example>")
        #expect(header("To", received) == "\"Zoë \\\"Z\\\" Müller\" <client@example.org>")
        #expect(header("Reply-To", received) == "\"Accueil, matin\" <accueil@quittance.example>")
        #expect(header("Auto-Submitted", received) == "auto-generated")
        let lines = received.raw.split(separator: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 76 && $0.utf8.allSatisfy { $0 < 0x7F } })
    }

    @Test func `text, HTML and files arrive as given`() async throws {
        var mail = mail(
            text: "Élégant = cher\n.\n\nFrom here\r\ntrailing \n--=_mixed\n" + String(repeating: "à", count: 500))
        mail.html = "<p>Réglez <a href=\"https://pay.example/?a=b&c=d\">ici</a></p>"
        mail.attachments = [
            .init(
                fileName: "facture.pdf", contentType: "application/pdf", bytes: [UInt8](repeating: 200, count: 10_001)),
            .init(fileName: "reçu n° 1.txt", contentType: "text/plain", bytes: Array("abc".utf8)),
            .init(fileName: "../../etc/\"passwd\"\r\n", contentType: "text/plain", bytes: []),
        ]
        let received = try await read(mail)
        let text = try #require(received.text).replacing("\r\n", with: "\n")
        #expect(text == mail.text.replacing("\r\n", with: "\n"))
        #expect(received.html?.replacing("\n", with: "") == mail.html)
        #expect(received.attachments.map(\.fileName) == ["facture.pdf", "reçu n° 1.txt", "....etcpasswd"])
        #expect(received.attachments.map(\.bytes) == [10_001, 3, 0])
    }

    @Test func `a short text of ASCII stays readable in the source`() throws {
        let source = String(decoding: try mail(text: "Hello,\nthere.").encoded(), as: UTF8.self)
        #expect(source.hasSuffix("Content-Transfer-Encoding: 7bit\r\n\r\nHello,\r\nthere.\r\n"))
    }

    @Test func `the same mail is the same bytes every time`() throws {
        #expect(try mail().encoded() == mail().encoded())
    }

    @Test(arguments: ["a\r\nBcc: evil@example.org", "a\nb", "a\u{0}b"])
    func `nothing in a header starts another one`(_ text: String) {
        #expect(throws: MailMessage.Problem.invalidHeader(name: "Subject")) { try mail(subject: text).encoded() }
        var named = mail()
        named.to = [.init("client@example.org", name: text)]
        #expect(throws: MailMessage.Problem.invalidHeader(name: "To")) { try named.encoded() }
        var more = mail()
        more.headers = [("X-A", text)]
        #expect(throws: MailMessage.Problem.invalidHeader(name: "X-A")) { try more.encoded() }
    }

    @Test func `nobody adds a second header of the mail's own, or a broken address or kind`() {
        var more = mail()
        more.headers = [("bcc", "evil@example.org")]
        #expect(throws: MailMessage.Problem.invalidHeader(name: "bcc")) { try more.encoded() }
        var address = mail()
        address.from.address = "a@example.org>, <b@example.org"
        #expect(throws: MailMessage.Problem.invalidAddress) { try address.encoded() }
        var identifier = mail()
        identifier.messageID = "a b"
        #expect(throws: MailMessage.Problem.invalidAddress) { try identifier.encoded() }
        var kind = mail()
        kind.attachments = [.init(fileName: "a", contentType: "text/plain\r\nX: y", bytes: [])]
        #expect(throws: MailMessage.Problem.invalidContentType) { try kind.encoded() }
    }
}
