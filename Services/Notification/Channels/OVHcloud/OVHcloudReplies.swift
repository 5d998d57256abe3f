import Crypto
import FoundationEssentials
package import HTTPClient
import Observability
package import PaymentModel

/// What people wrote to numbers of the account (`GET /sms/{account}/incoming`), and the numbers that said STOP to
/// OVHcloud's own (`GET /sms/{account}/blacklists`).
package struct OVHcloudReplies: ReplyBox {
    package let name = "ovhcloud"
    private let api: OVHcloudAPI
    private let timeMax: Duration
    /// What identities of numbers are made with: without it whoever tries all numbers would read them.
    private let secret: Secret
    /// Of a list of ids, or of numbers: half a million of those who said STOP in many years.
    private static let listBytesMax = 8 << 20

    package init(_ settings: OVHcloudSettings, client: HTTPClient, time: TimeSource) {
        api = OVHcloudAPI(settings, client: client, time: time)
        timeMax = settings.timeMax
        secret = settings.applicationSecret
    }

    package func replies(since: Instant?) async throws(RepliesUnavailable) -> [KeptReply] {
        let from = since.map { "?creationDatetime.from=\(Escaping.percent(Self.text($0)))" } ?? ""
        let incoming: [Int64] = try await list("/incoming\(from)")
        let stopped: [String] = try await list("/blacklists")
        // What is known already, then the newest: old ones that cannot be read keep no STOP from being heard.
        return stopped.map(stop) + incoming.sorted(by: >).map { KeptReply(identity: "\($0)") }
    }

    package func read(_ reply: KeptReply) async throws(RepliesUnavailable) -> GatewayReply? {
        struct Incoming: Decodable {
            let sender: String
            let message: String
        }
        if let said = reply.said { return said }
        let response = try await answer("/incoming/\(reply.identity)")
        // It was deleted at the account meanwhile.
        guard response.status != 404 else { return nil }
        try require(response)
        guard let body: Incoming = GatewayCall.decoded(response) else { throw unreadable(response) }
        return GatewayReply(from: body.sender, text: body.message, identity: reply.identity)
    }

    /// The list says no more than who is on it; a number is told from the others by what it cannot be read from.
    private func stop(_ number: String) -> KeptReply {
        let key = SymmetricKey(data: Data(secret.reveal().utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(number.utf8), using: key)
        let identity = "stop/" + Escaping.hexadecimal(code.prefix(16))
        return KeptReply(
            identity: identity, said: GatewayReply(from: number, text: "STOP", identity: identity))
    }

    /// As its own answers have times, to the second.
    private static func text(_ instant: Instant) -> String { "\(instant.description.prefix(19))+00:00" }

    private func list<Element: Decodable>(_ path: String) async throws(RepliesUnavailable) -> [Element] {
        let response = try await answer(path)
        try require(response)
        guard let list: [Element] = GatewayCall.decoded(response) else { throw unreadable(response) }
        return list
    }

    /// A proxy's page is no answer of the gateway's: what it stands for may be a STOP.
    private func unreadable(_ response: HTTPResponse) -> RepliesUnavailable {
        RepliesUnavailable(reason: "the gateway answered \(response.status) without a readable body")
    }

    private func answer(_ path: String) async throws(RepliesUnavailable) -> HTTPResponse {
        guard var request = await api.request(.get, path) else {
            throw RepliesUnavailable(reason: "the gateway did not tell its time")
        }
        request.totalTimeout = timeMax
        request.responseBytesMax = Self.listBytesMax
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await api.client.send(request)
        } catch {
            throw RepliesUnavailable(reason: "\(error)")
        }
        api.note(response)
        return response
    }

    private func require(_ response: HTTPResponse) throws(RepliesUnavailable) {
        guard response.isSuccess else { throw RepliesUnavailable(reason: "the gateway answered \(response.status)") }
    }
}
