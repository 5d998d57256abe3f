import Foundation
import HTTPClient
import Logging
import TestSupport

/// `http_server.py`, started for one test.
struct MisbehavingServer {
    let port: Int
    /// Where connections are made and nothing is ever said.
    let mutePort: Int
    let scheme: String
    private let process: ExternalProcess

    /// With the certificate of a folder filled by `certificates`, it speaks TLS.
    init(certificates: TemporaryFolder? = nil) throws {
        var arguments: [String] = []
        if let folder = certificates?.path {
            arguments = ["--certificate", folder + "/server.pem", "--key", folder + "/server.key"]
        }
        process = try ExternalProcess(script: "Tests/Integration/HTTPClient/http_server.py", arguments)
        let ports = process.firstLine.split(separator: " ").compactMap { Int($0) }
        guard ports.count == 2 else { throw ExternalProcess.Failure(reason: "no ports") }
        port = ports[0]
        mutePort = ports[1]
        scheme = certificates == nil ? "http" : "https"
    }

    func url(_ path: String) -> String { "\(scheme)://localhost:\(port)\(path)" }

    struct Stats: Decodable {
        let connections: Int
        let requests: [String: Int]
    }

    func stats(_ client: HTTPClient) async throws -> Stats {
        let response = try await client.send(HTTPRequest(.get, url("/stats")))
        return try JSONDecoder().decode(Stats.self, from: Data(response.body))
    }

    /// A CA and a certificate of it for a host, as `ca.pem`, `server.pem` and `server.key`.
    static func certificates(host: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let arguments = ["--tls-directory", folder.path, "--host-name", host, "--stop-with-input"]
        _ = try ExternalProcess(script: "Tests/Sandbox/Mail/mail_server.py", arguments)
        return folder
    }
}
