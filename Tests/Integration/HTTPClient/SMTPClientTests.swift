import HTTPClient
import Observability
import TestSupport
import Testing

@Suite struct `Sending mail` {
    private let envelope = SMTPEnvelope(from: "clinic@quittance.example", to: ["client@example.org"])
    private let message = Array("Subject: Hello\r\nMessage-ID: <1@quittance.example>\r\n\r\nA line\r\n".utf8)

    private func outcome(_ client: SMTPClient, _ envelope: SMTPEnvelope? = nil, _ message: [UInt8]? = nil) async
        -> SMTPError?
    {
        let envelope = envelope ?? self.envelope
        let message = message ?? self.message
        return await failure { () throws(SMTPError) in try await client.send(envelope, message: message) }
    }

    // MARK: Accepted

    @Test func `hands a mail over with STARTTLS and a password`() async throws {
        let server = try SandboxMailServer(["--user", "clinic", "--password", "open sesame", "--require-starttls"])
        let login = SMTPSettings.Login(user: "clinic", password: Secret("open sesame"))
        let client = SMTPClient(server.settings(login: login), logger: quiet)
        let reply = try await client.send(envelope, message: message)
        #expect(reply == "2.0.0 queued as 1")
        let received = try #require(try await server.messages(to: "client@example.org").first)
        #expect(received.from == envelope.from)
        #expect(received.to == envelope.to)
        #expect(received.subject == "Hello")
        #expect(received.tls)
        #expect(received.authenticated)
    }

    @Test(arguments: [SMTPSettings.Security.startTLSIfOffered, .plain])
    func `uses TLS as it is told`(_ security: SMTPSettings.Security) async throws {
        let server = try SandboxMailServer()
        #expect(await outcome(SMTPClient(server.settings(security), logger: quiet)) == nil)
        #expect(try await server.messages().map(\.tls) == [security == .startTLSIfOffered])
    }

    @Test func `dots at the start of lines arrive as they were, wherever libcurl divides the message`() async throws {
        let server = try SandboxMailServer()
        let client = SMTPClient(server.settings(.plain), logger: quiet)
        let lines = (0..<30_000).map { [".", "..", ".end", "a.b", ""][$0 % 5] }
        let text = "Subject: Dots\r\n\r\n" + lines.joined(separator: "\r\n") + "\r\n.\r\n"
        #expect(await outcome(client, nil, Array(text.utf8)) == nil)
        #expect(try await server.messages().map(\.raw) == [text])
    }

    @Test func `keeps its connection from mail to mail`() async throws {
        let server = try SandboxMailServer()
        let client = SMTPClient(server.settings(), logger: quiet)
        for _ in 0..<10 { #expect(await outcome(client) == nil) }
        #expect(try await server.messages().count == 10)
        #expect(try await server.connections() == 1)
    }

    @Test func `many mails at once all arrive, each once`() async throws {
        let server = try SandboxMailServer()
        let client = SMTPClient(server.settings(), logger: quiet)
        try await withThrowingTaskGroup { group in
            for number in 0..<100 {
                let envelope = SMTPEnvelope(from: envelope.from, to: ["client\(number)@example.org"])
                group.addTask { [message] in try await client.send(envelope, message: message) }
            }
            try await group.waitForAll()
        }
        let recipients = try await server.messages().flatMap(\.to)
        #expect(recipients.count == 100)
        #expect(Set(recipients).count == 100)
    }

    // MARK: Refused

    @Test(arguments: [
        ("refuse", 550, "5.1.1 no such mailbox", true), ("defer", 450, "4.2.1 mailbox busy, try later", false),
        ("refuse-data", 554, "5.7.1 content refused", true), ("defer-data", 451, "4.3.0 try later", false),
    ])
    func `a refusal says whether it is for good`(_ mode: String, _ code: Int, _ text: String, _ permanent: Bool)
        async throws
    {
        let server = try SandboxMailServer()
        try await server.behave("{\"mode\": \"\(mode)\", \"times\": 1}")
        let client = SMTPClient(server.settings(), logger: quiet)
        let error = await outcome(client)
        #expect(error == .refused(code: code, text: text, permanent: permanent))
        #expect(error?.effectIsPossible == false)
        #expect(try await server.messages().isEmpty)
        #expect(await outcome(client) == nil)
    }

    @Test func `one recipient refused is a mail to nobody`() async throws {
        let server = try SandboxMailServer()
        try await server.behave("{\"mode\": \"refuse\", \"to\": \"gone@example.org\"}")
        let both = SMTPEnvelope(from: envelope.from, to: ["client@example.org", "gone@example.org"])
        let error = await outcome(SMTPClient(server.settings(), logger: quiet), both)
        #expect(error == .refused(code: 550, text: "5.1.1 no such mailbox", permanent: true))
        #expect(try await server.messages().isEmpty)
    }

    // MARK: Never sent or unknown

    @Test func `a wrong password, and none, reach nobody`() async throws {
        let server = try SandboxMailServer(["--user", "clinic", "--password", "right"])
        let wrong = SMTPSettings.Login(user: "clinic", password: Secret("wrong"))
        let error = await outcome(SMTPClient(server.settings(login: wrong), logger: quiet))
        #expect(error == .neverSent(.loginRefused))
        let refusal = await outcome(SMTPClient(server.settings(), logger: quiet))
        #expect(refusal == .refused(code: 530, text: "5.7.0 Authentication required", permanent: true))
        #expect(try await server.messages().isEmpty)
    }

    @Test func `a password is never sent in the open to another machine`() async throws {
        let login = SMTPSettings.Login(user: "clinic", password: Secret("secret"))
        let settings = SMTPSettings(host: "mail.invalid", port: 25, security: .startTLSIfOffered, login: login)
        #expect(settings.problem != nil)
        #expect(await outcome(SMTPClient(settings, logger: quiet)) == .neverSent(.settingsRefused))
        #expect(!"\(settings)".contains("secret"))
    }

    @Test func `a certificate of an unknown CA gets no mail`() async throws {
        let server = try SandboxMailServer()
        var settings = server.settings()
        settings.trustedCertificates = nil
        #expect(await outcome(SMTPClient(settings, logger: quiet)) == .neverSent(.certificateRefused))
        #expect(try await server.messages().isEmpty)
    }

    @Test func `nobody listens, and the connection is cut before the message`() async throws {
        let nobody = SMTPClient(SMTPSettings(host: "localhost", port: 1, security: .plain), logger: quiet)
        #expect(await outcome(nobody) == .neverSent(.unreachable))
        let server = try SandboxMailServer()
        try await server.behave("{\"mode\": \"cut-before-data\"}")
        #expect(await outcome(SMTPClient(server.settings(), logger: quiet)) == .neverSent(.connectionLost))
    }

    @Test func `an answer lost after the message was handed over leaves the outcome unknown`() async throws {
        let server = try SandboxMailServer()
        try await server.behave("{\"mode\": \"lose-answer\"}")
        let error = await outcome(SMTPClient(server.settings(), logger: quiet))
        #expect(error == .outcomeUnknown(.connectionLost))
        #expect(error?.effectIsPossible == true)
        #expect(try await server.messages().count == 1)
    }

    @Test func `an answer that is late leaves the outcome unknown`() async throws {
        let server = try SandboxMailServer()
        try await server.behave("{\"mode\": \"slow\", \"seconds\": 60}")
        var settings = server.settings()
        settings.totalTimeout = .seconds(2)
        #expect(await outcome(SMTPClient(settings, logger: quiet)) == .outcomeUnknown(.timedOut))
    }

    // MARK: Injection

    @Test(arguments: [
        "", "nobody", "a@b@c", "a b@example.org", "a@example.org>\r\nRCPT TO:<evil@example.org", "a@example.org\nDATA",
        "<a@example.org>", "a@exa mple.org", "é@example.org", "-f@example.org", "a@", "@example.org", "a@[127.0.0.1]",
        "a@example.org SIZE=1",
    ])
    func `an address that could be more than an address is refused`(_ address: String) async {
        let client = SMTPClient(SMTPSettings(host: "localhost", port: 1, security: .plain), logger: quiet)
        #expect(await outcome(client, SMTPEnvelope(from: address, to: ["a@example.org"])) == .invalidAddress)
        #expect(
            await outcome(client, SMTPEnvelope(from: "a@example.org", to: ["b@example.org", address]))
                == .invalidAddress)
        #expect(await outcome(client, SMTPEnvelope(from: "a@example.org", to: [])) == .invalidAddress)
    }

    @Test(arguments: ["a\nb", "a\rb", "\n.\n", "a\r", "a\n\r\n", "\r\r\n"])
    func `a bare line break could end the message early and is refused`(_ text: String) async {
        let client = SMTPClient(SMTPSettings(host: "localhost", port: 1, security: .plain), logger: quiet)
        #expect(await outcome(client, nil, Array(text.utf8)) == .invalidMessage)
    }
}
