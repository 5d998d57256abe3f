import HTTPClient
import NotificationChannels
import NotificationDomain
import NotificationWorld
import Observability
import PaymentModel
import ServiceRuntime
import TestSupport
import Testing

/// NOT-1: mail by STARTTLS and after authentication, through Postfix and read from Dovecot.
@Suite(
    .serialized,
    .enabled(
        if: ["postfix", "dovecot"].allSatisfy(isInstalled),
        "Postfix and Dovecot come with deploy/local/install --servers")
) struct `A mail server itself` {
    private static let started = Task { try RealMailServer() }

    private func gateway(
        _ server: RealMailServer, password: String? = RealMailServer.password, isTrusted: Bool = true,
        _ security: SMTPSettings.Security = .startTLS
    ) -> SMTPGateway {
        var settings = SMTPSettings(host: "localhost", port: server.smtpPort, security: security)
        settings.login = password.map { SMTPSettings.Login(user: RealMailServer.user, password: Secret($0)) }
        settings.trustedCertificates = isTrusted ? server.authority : nil
        return SMTPGateway(
            client: SMTPClient(settings, logger: quiet), sender: .init("no-reply@quittance.example"),
            attachmentBytesMax: 1_000_000, hasLogin: password != nil)
    }

    private func message(
        to name: String? = nil, _ attachments: [MailMessage.Attachment] = []
    ) -> OutgoingMessage {
        let id: MessageID = IdentifierSource.system.make()
        return OutgoingMessage(
            id: id, address: "\(name ?? "zoe-\(id)")@example.org", subject: "Votre reçu n° 7 – été",
            text: "Bonjour Zoé,\n\n.un point au début\nMerci.", writtenAt: TimeSource.system.now(),
            attachments: attachments)
    }

    private func arrived(_ message: OutgoingMessage, at server: RealMailServer) async throws -> RealMailServer.Message {
        try await waitUntil("it is in the mailbox") { try await !server.messages(to: message.address).isEmpty }
        let found = try await server.messages(to: message.address)
        #expect(found.count == 1)
        return try #require(found.first)
    }

    @Test func `NOT-1: takes a mail over TLS from whoever says the password, and shows its text, HTML and files`()
        async throws
    {
        let server = try await Self.started.value
        let message = message([
            .init(
                fileName: "Reçu n° 7 – été.pdf", contentType: "application/pdf",
                bytes: Array("%PDF-1.7\n".utf8) + [UInt8](repeating: 0xFF, count: 50_000))
        ])
        guard case .accepted(let reference, 1) = await gateway(server).send(message) else {
            Issue.record("it is not taken")
            return
        }
        #expect(reference?.isEmpty == false)
        let mail = try await arrived(message, at: server)
        #expect(mail.received.contains("with ESMTPSA") && mail.received.contains("Authenticated sender: clinic"))
        #expect(mail.messageID == "<\(message.id)@quittance.example>" && mail.subject == message.subject)
        #expect(mail.text?.split(whereSeparator: \.isNewline) == ["Bonjour Zoé,", ".un point au début", "Merci."])
        #expect(mail.html?.contains("<p>Bonjour Zoé,</p>") == true)
        #expect(mail.attachments.map(\.fileName) == ["Reçu n° 7 – été.pdf"])
        #expect(mail.attachments.map(\.bytes) == [50_009] && mail.attachments[0].begins.hasPrefix("%PDF-1.7"))
    }

    @Test func `NOT-10: that does not let us in leaves the mail to be sent when the account is mended`() async throws {
        let server = try await Self.started.value
        let message = message()
        guard case .notTaken = await gateway(server, password: "wrong").send(message) else {
            Issue.record("it had a part of it, or refused it for good")
            return
        }
        guard case .accepted = await gateway(server).send(message) else {
            Issue.record("it is not taken with the right one")
            return
        }
        _ = try await arrived(message, at: server)
    }

    /// It answers them as it answers whom it never wants: 554 5.7.1.
    @Test func `NOT-10: that wants no mail of who says no password leaves it to be sent once he does`() async throws {
        let server = try await Self.started.value
        let message = message()
        let stranger = await gateway(server, password: nil).send(message)
        #expect(stranger == .notTaken(reason: "the mail server does not let us in"))
        guard case .accepted = await gateway(server).send(message) else {
            Issue.record("it is not taken with one")
            return
        }
        _ = try await arrived(message, at: server)
    }

    @Test func `NOT-1: is told nothing when it cannot prove who it is, nor without TLS`() async throws {
        let server = try await Self.started.value
        let message = message()
        for gateway in [gateway(server, isTrusted: false), gateway(server, password: nil, .plain)] {
            guard case .notTaken = await gateway.send(message) else {
                Issue.record("something was said")
                continue
            }
        }
        #expect(try await server.messages(to: message.address).isEmpty)
    }

    @Test func `NOT-10: refuses for good, puts off, or finds a mail too large, each in its own words`() async throws {
        let server = try await Self.started.value
        let gateway = gateway(server)
        #expect(await gateway.send(message(to: "gone")) == .refused(reason: "the mail server answered 550"))
        #expect(await gateway.send(message(to: "busy")) == .notTaken(reason: "the mail server answered 450"))
        let large = MailMessage.Attachment(
            fileName: "a.pdf", contentType: "application/pdf", bytes: [UInt8](repeating: 1, count: 400_000))
        #expect(await gateway.send(message([large])) == .refused(reason: "the mail server answered 552"))
    }

    @Test(arguments: ["starttls", "tls"])
    func `NOT-1, NOT-10: gets each mail of two workers once, by the settings of a deployment`(tls: String) async throws
    {
        let server = try await Self.started.value
        let stack = try await NotificationStack.start([
            "QUITTANCE_SMTP_PORT": "\(tls == "tls" ? server.smtpsPort : server.smtpPort)",
            "QUITTANCE_SMTP_TLS": tls, "QUITTANCE_SMTP_USER": RealMailServer.user,
            "QUITTANCE_SMTP_PASSWORD": RealMailServer.password,
            "QUITTANCE_SMTP_CERTIFICATE_AUTHORITY": server.authority, "QUITTANCE_LOOK_EVERY": "200ms",
        ])
        let workers = [try stack.work(), try stack.work()]
        let mails = try await stack.seedMails(20)
        try await stack.ring(mails.map(\.id))
        try await waitUntil("all have left") {
            try await stack.states(of: mails.map(\.id)) == ["sent": mails.count]
        }
        for mail in mails {
            try await waitUntil("it is in the mailbox") { try await !server.messages(to: mail.address).isEmpty }
        }
        var total = 0
        for mail in mails { total += try await server.messages(to: mail.address).count }
        #expect(total == mails.count, "no mail came twice")
        for worker in workers { try await worker.kill() }
    }
}
