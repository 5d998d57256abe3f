import Foundation

/// Something that plays payment-orchestrator for whoever asks it for recipients: every payment has one.
package struct PlayedRecipients: Sendable {
    private struct Ports: Decodable { let http: Int }

    /// Where it is asked.
    package let url: String
    private let process: ExternalProcess

    /// Starts it, and waits until it answers.
    package init() throws {
        process = try ExternalProcess(script: "Tests/Sandbox/Servers/recipients.py")
        url = "http://127.0.0.1:\(try JSONDecoder().decode(Ports.self, from: Data(process.firstLine.utf8)).http)"
    }
}
