import HTTPClient
import TestSupport
import Testing

@Suite struct `The sandbox's mail server` {
    private let message = Array("Subject: Hi\r\n\r\nText\r\n".utf8)

    private func send(_ client: SMTPClient, to address: String) async -> SMTPError? {
        let envelope = SMTPEnvelope(from: "a@example.org", to: [address])
        return await failure { () throws(SMTPError) in try await client.send(envelope, message: message) }
    }

    @Test func `lists mails by recipient and forgets them`() async throws {
        let server = try SandboxMailServer()
        let client = SMTPClient(server.settings(.plain), logger: quiet)
        for address in ["b@example.org", "c@example.org", "b@example.org"] {
            #expect(await send(client, to: address) == nil)
        }
        #expect(try await server.messages().count == 3)
        #expect(try await server.messages(to: "b@example.org").count == 2)
        #expect(try await server.messages(to: "nobody@example.org").isEmpty)
        try await server.forgetMessages()
        #expect(try await server.messages().isEmpty)
    }

    @Test func `follows its rules as often as they say, for whom they say`() async throws {
        let server = try SandboxMailServer()
        let client = SMTPClient(server.settings(.plain), logger: quiet)
        try await server.behave("{\"mode\": \"defer\", \"to\": \"b@example.org\", \"times\": 2}")
        #expect(await send(client, to: "c@example.org") == nil)
        for _ in 0..<2 {
            guard case .refused(450, _, permanent: false) = await send(client, to: "b@example.org") else {
                Issue.record("not deferred")
                return
            }
        }
        #expect(await send(client, to: "b@example.org") == nil)
    }

    @Test(arguments: ["{\"mode\": \"explode\"}", "{}", "3", "{"])
    func `refuses rules it does not know`(_ rules: String) async throws {
        let server = try SandboxMailServer()
        #expect(try await server.behave(rules) == 400)
    }

    @Test func `stops when it is told to`() async throws {
        let server = try SandboxMailServer()
        #expect(await server.isUp())
        server.terminate()
        #expect(try await eventually { await !server.isUp() })
    }
}
