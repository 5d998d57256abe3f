import Foundation
import HTTPClient

/// Kannel itself with its fake SMSC, started for one test on loopback.
package struct RealKannel: Sendable {
    /// What a phone shows.
    package struct Message: Decodable, Equatable, Sendable {
        package let sender: String
        package let to: String
        package let shown: String
        package let parts: Int
    }

    private struct Ports: Decodable {
        let smsbox: Int
        let http: Int
    }

    private struct Count: Decodable { let submissions: Int }

    /// Who may send.
    package static let user = "us"
    /// What proves it; nothing of a query may be lost on the way.
    package static let password = "pässword &?"

    /// Of its smsbox.
    package let url: String
    private let process: ExternalProcess
    private let answers: String
    private let client = HTTPClient(logger: quiet)

    /// Starts it, and waits until it takes messages; what phones write is given to `replies`, in Kannel's words.
    package init(replies: String? = nil) throws {
        let arguments = [Self.user, Self.password] + (replies.map { [$0] } ?? [])
        process = try ExternalProcess(script: "Tests/Sandbox/Servers/kannel.py", arguments)
        let ports = try JSONDecoder().decode(Ports.self, from: Data(process.firstLine.utf8))
        url = "http://127.0.0.1:\(ports.smsbox)"
        answers = "http://127.0.0.1:\(ports.http)"
    }

    /// What a phone shows; nil for all of them.
    package func messages(to phone: String? = nil) async throws -> [Message] {
        try await ask("/messages" + (phone.map { "?to=%2B" + $0.dropFirst() } ?? ""))
    }

    /// How many parts reached the SMSC.
    package func submissions() async throws -> Int { try await (ask("/count") as Count).submissions }

    /// A phone writes to a short number.
    package func reply(_ word: String, from phone: String) async throws {
        let query = "from=%2B\(phone.dropFirst())&to=36180&text=\(word)"
        try await command("/reply?\(query)")
    }

    /// Sends a signal such as `STOP` to `bearerbox` or `smsbox`.
    package func signal(_ name: String, to program: String) async throws {
        try await command("/signal?process=\(program)&signal=\(name)")
    }

    /// Starts again what was killed.
    package func startAgain() async throws {
        try await command("/start")
    }

    /// What was not done is no test of anything.
    private func command(_ path: String) async throws {
        let response = try await client.send(HTTPRequest(.post, answers + path, totalTimeout: .seconds(30)))
        guard response.isSuccess else {
            throw TestSupportError("\(path): \(String(decoding: response.body, as: UTF8.self))")
        }
    }

    private func ask<Answer: Decodable>(_ path: String) async throws -> Answer {
        let response = try await client.send(HTTPRequest(.get, answers + path))
        return try JSONDecoder().decode(Answer.self, from: Data(response.body))
    }
}
