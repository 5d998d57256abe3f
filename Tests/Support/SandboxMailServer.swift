import Foundation
package import HTTPClient
import Observability

/// The sandbox's mail server, started for one test, and its mailbox.
package struct SandboxMailServer: Sendable {
    package struct Message: Decodable, Sendable {
        package struct Attachment: Decodable, Sendable {
            package let fileName: String
            package let contentType: String
            package let bytes: Int
            /// The first bytes, each as a character.
            package let begins: String
        }

        package let from: String
        package let to: [String]
        package let subject: String
        package let messageID: String
        package let headers: [[String]]
        package let text: String?
        package let html: String?
        package let attachments: [Attachment]
        package let tls: Bool
        package let authenticated: Bool
        package let raw: String
    }

    private struct Ports: Decodable {
        let smtp: Int
        let http: Int
    }

    private struct Messages: Decodable { let messages: [Message] }

    package let folder: TemporaryFolder
    package let smtpPort: Int
    private let mailbox: String
    private let process: ExternalProcess
    private let client = HTTPClient(logger: quiet)

    package init(_ arguments: [String] = []) throws {
        folder = try TemporaryFolder()
        process = try ExternalProcess(
            script: "Tests/Sandbox/Mail/mail_server.py",
            ["--tls-directory", folder.path, "--stop-with-input"] + arguments)
        let ports = try JSONDecoder().decode(Ports.self, from: Data(process.firstLine.utf8))
        smtpPort = ports.smtp
        mailbox = "http://127.0.0.1:\(ports.http)"
    }

    package func settings(
        _ security: SMTPSettings.Security = .startTLS, login: SMTPSettings.Login? = nil
    ) -> SMTPSettings {
        var settings = SMTPSettings(host: "localhost", port: smtpPort, security: security, login: login)
        settings.trustedCertificates = folder.path + "/ca.pem"
        return settings
    }

    package func messages(to address: String? = nil) async throws -> [Message] {
        let query = address.map { "?to=\($0)" } ?? ""
        let response = try await client.send(HTTPRequest(.get, mailbox + "/messages" + query))
        return try JSONDecoder().decode(Messages.self, from: Data(response.body)).messages
    }

    package func forgetMessages() async throws {
        _ = try await client.send(HTTPRequest(.delete, mailbox + "/messages"))
    }

    /// `rules` is the JSON of the server's help.
    @discardableResult
    package func behave(_ rules: String) async throws -> Int {
        let body = Array("{\"rules\": [\(rules)]}".utf8)
        return try await client.send(HTTPRequest(.put, mailbox + "/behaviour", body: body)).status
    }

    package func terminate() { process.terminate() }

    private struct Health: Decodable { let connections: Int }

    /// How many connections were made to send mail.
    package func connections() async throws -> Int {
        let response = try await client.send(HTTPRequest(.get, mailbox + "/health"))
        return try JSONDecoder().decode(Health.self, from: Data(response.body)).connections
    }

    package func isUp() async -> Bool { (try? await connections()) != nil }
}
