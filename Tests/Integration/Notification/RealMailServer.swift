import Foundation
import HTTPClient
import TestSupport

/// Postfix and Dovecot themselves, started for one test on loopback: STARTTLS and authentication are demanded.
struct RealMailServer: Sendable {
    struct Message: Decodable {
        struct Attachment: Decodable {
            let fileName: String
            let contentType: String
            let bytes: Int
            let begins: String
        }

        let subject: String
        let messageID: String
        /// What the server wrote of how the mail came.
        let received: String
        let text: String?
        let html: String?
        let attachments: [Attachment]
    }

    private struct Ports: Decodable {
        let smtp: Int
        let smtps: Int
        let http: Int
        let authority: String
    }

    static let user = "clinic"
    static let password = "pass word é"

    let smtpPort: Int
    /// Where TLS begins with the first byte.
    let smtpsPort: Int
    /// Path of the certificate that signs the server's.
    let authority: String
    private let process: ExternalProcess
    private let answers: String
    private let client = HTTPClient(logger: quiet)

    init() throws {
        process = try ExternalProcess(script: "Tests/Sandbox/Servers/mail_server.py", [Self.user, Self.password])
        let ports = try JSONDecoder().decode(Ports.self, from: Data(process.firstLine.utf8))
        (smtpPort, smtpsPort, authority) = (ports.smtp, ports.smtps, ports.authority)
        answers = "http://127.0.0.1:\(ports.http)"
    }

    /// What is in a mailbox, read by IMAP.
    func messages(to address: String) async throws -> [Message] {
        let response = try await client.send(HTTPRequest(.get, "\(answers)/messages?to=\(address)"))
        return try JSONDecoder().decode([Message].self, from: Data(response.body))
    }
}
