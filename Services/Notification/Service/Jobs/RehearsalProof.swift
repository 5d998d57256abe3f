import FoundationEssentials
import HTTPClient
import Logging
import Observability

/// Has every gateway say that it is a sandbox before a rehearsal on another day takes a message (NOT-9).
///
/// An address on this machine proves nothing: what listens there may hand on to people.
struct RehearsalProof {
    /// The machines and ports that play gateways.
    let origins: [String]
    let client: HTTPClient
    let logger: Logger
    private static let pause = Duration.milliseconds(500)

    /// Asks until all have said so; false when the task is cancelled before.
    func isGiven() async -> Bool {
        for origin in origins {
            while await !isSandbox(origin) {
                logger.warning(
                    "a rehearsal takes no messages before its gateways say that they are sandboxes",
                    metadata: [LogField.host: "\(origin)"])
                do {
                    try await Task.sleep(for: Self.pause)
                } catch {
                    return false
                }
            }
        }
        return true
    }

    private func isSandbox(_ origin: String) async -> Bool {
        struct Answer: Decodable { let sandbox: Bool }
        let request = HTTPRequest(
            .get, "\(origin)/control/health", connectTimeout: .seconds(1), totalTimeout: .seconds(2),
            responseBytesMax: 4_096)
        do {
            let response = try await client.send(request)
            guard response.isSuccess else { return false }
            return try JSONDecoder().decode(Answer.self, from: Data(response.body)).sandbox
        } catch {
            // Whatever it is, it has not said so.
            return false
        }
    }
}
