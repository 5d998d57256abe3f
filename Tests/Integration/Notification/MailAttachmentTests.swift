import HTTPClient
import NotificationChannels
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TestSupport
import Testing

/// NOT-1: what a mail brings, as a reader of Python's standard library finds it.
@Suite struct `Mail with attachments` {
    private static let bytesMax = 100_000

    private func gateway(_ server: SandboxMailServer) -> SMTPGateway {
        SMTPGateway(
            client: SMTPClient(server.settings(), logger: quiet), sender: .init("no-reply@quittance.example"),
            attachmentBytesMax: Self.bytesMax)
    }

    private func message(_ attachments: [MailMessage.Attachment]) -> OutgoingMessage {
        OutgoingMessage(
            id: IdentifierSource.system.make(), address: "zoe@example.org", subject: "Votre facture n° 7",
            text: "Bonjour Zoé,\n\nVoici votre facture.", writtenAt: TimeSource.system.now(),
            attachments: attachments)
    }

    @Test func `NOT-1: arrives with text, HTML and every file, by name and byte`() async throws {
        let server = try SandboxMailServer()
        let outcome = await gateway(server).send(
            message([
                .init(
                    fileName: "Reçu n° 7 – été.pdf", contentType: "application/pdf",
                    bytes: Array("%PDF-1.7\n".utf8) + [UInt8](repeating: 0xFF, count: 50_000)),
                .init(fileName: "F-LILAS-2026-000001.pdf", contentType: "application/pdf", bytes: Array("%PDF".utf8)),
            ]))
        guard case .accepted = outcome else {
            Issue.record("\(outcome)")
            return
        }
        let mail = try #require(try await server.messages(to: "zoe@example.org").first)
        #expect(mail.headers.contains { $0[0] == "Content-Type" && $0[1].hasPrefix("multipart/mixed") })
        #expect(mail.text?.contains("Bonjour Zoé,") == true && mail.html?.contains("<p>Bonjour Zoé,</p>") == true)
        #expect(mail.attachments.map(\.fileName) == ["Reçu n° 7 – été.pdf", "F-LILAS-2026-000001.pdf"])
        #expect(mail.attachments.map(\.contentType) == ["application/pdf", "application/pdf"])
        #expect(mail.attachments.map(\.bytes) == [50_009, 4])
        #expect(mail.attachments.allSatisfy { $0.begins.hasPrefix("%PDF") })
    }

    @Test func `NOT-1: one whose files are too large together is refused before anybody is called`() async throws {
        let server = try SandboxMailServer()
        let half = MailMessage.Attachment(
            fileName: "a.pdf", contentType: "application/pdf",
            bytes: [UInt8](repeating: 1, count: Self.bytesMax / 2 + 1))
        #expect(
            await gateway(server).send(message([half, half]))
                == .refused(reason: "its attachments are larger than \(Self.bytesMax) bytes"))
        #expect(try await server.connections() == 0)
        guard case .accepted = await gateway(server).send(message([half])) else {
            Issue.record("a smaller one is not taken")
            return
        }
    }

    /// Where nobody logs in, who is no relay for us is told by its words.
    @Test(arguments: [
        ("<zoe@example.org>: Relay access denied", true), ("Authentication required", true),
        ("<zoe@privaterelay.example>: Recipient address rejected", false),
    ])
    func `NOT-10: one to an address at a host called a relay is refused for good as any other`(
        words: String, isKept: Bool
    ) async throws {
        let server = try SandboxMailServer()
        try await server.behave(#"{"mode":"refuse","words":"\#(words)"}"#)
        let gateway = SMTPGateway(
            client: SMTPClient(server.settings(), logger: quiet), sender: .init("no-reply@quittance.example"),
            attachmentBytesMax: Self.bytesMax, hasLogin: false)
        #expect(
            await gateway.send(message([]))
                == (isKept
                    ? .notTaken(reason: "the mail server does not let us in")
                    : .refused(reason: "the mail server answered 550")))
    }
}
