import FoundationEssentials
import HTTPClient
import HTTPServer
import Observability
import PaymentModel
import Synchronization

/// The owner could not be asked.
struct OwnerUnavailable: Error {
    let reason: String
    /// The owner answered that there is none: asking again changes nothing.
    var isFinal = false
}

/// Asks the service that owns something, in this service's own name: events carry no personal data.
struct AskOwner: Sendable {
    /// Who is asked, where, and as whom.
    struct Owner: Sendable {
        let name: String
        /// Without a slash at the end.
        let baseURL: String
        /// What the tokens may be used for there, and nothing else.
        let scope: Scope
    }

    let owner: Owner
    let client: HTTPClient
    let key: SigningKey
    let rules: TokenRules
    let time: TimeSource
    private let tokens = MintedTokens()

    init(_ owner: Owner, client: HTTPClient, key: SigningKey, rules: TokenRules, time: TimeSource) {
        self.owner = owner
        self.client = client
        self.key = key
        self.rules = rules
        self.time = time
    }

    func read<Answer: Decodable>(
        _ path: String, in organisation: OrganisationID
    ) async throws(OwnerUnavailable) -> Answer {
        let response = try await get(path, in: organisation, bytesMax: 64 << 10, within: .seconds(5))
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(response.body))
        } catch {
            // The error may quote what was decoded, which is personal: its type says enough.
            throw OwnerUnavailable(reason: "\(type(of: error))")
        }
    }

    func get(
        _ path: String, in organisation: OrganisationID, bytesMax: Int, within limit: Duration
    ) async throws(OwnerUnavailable) -> HTTPResponse {
        do {
            let request = HTTPRequest(
                .get, "\(owner.baseURL)\(path)",
                headers: [("Authorization", "Bearer \(try await token(for: organisation))")],
                connectTimeout: .seconds(2), totalTimeout: limit, responseBytesMax: bytesMax)
            let response = try await client.send(request)
            guard response.isSuccess else {
                throw OwnerUnavailable(
                    reason: "\(owner.name) answered \(response.status)", isFinal: response.status == 404)
            }
            return response
        } catch let error as OwnerUnavailable {
            throw error
        } catch HTTPClientError.responseTooLarge(let bytesMax) {
            throw OwnerUnavailable(reason: "it is larger than \(bytesMax) bytes", isFinal: true)
        } catch {
            throw OwnerUnavailable(reason: "\(type(of: error))")
        }
    }

    /// A signature costs both sides more than all the rest of the question, so a token serves for half of its life.
    private func token(for organisation: OrganisationID) async throws -> String {
        let now = time.now()
        if let token = tokens.token(of: organisation, at: now) { return token }
        let principal = Principal(
            subject: "notification", organisation: organisation, clinics: .all, role: .service, scopes: [owner.scope])
        let token = try await key.mint(principal, rules: rules, from: now, lifetime: .seconds(60))
        tokens.keep(token, of: organisation, until: now.adding(.seconds(30)))
        return token
    }
}

/// Tokens that are good for a while yet.
private final class MintedTokens: Sendable {
    private static let countMax = 1_000
    private let tokens = Mutex<[OrganisationID: (text: String, until: Instant)]>([:])

    func token(of organisation: OrganisationID, at now: Instant) -> String? {
        tokens.withLock { tokens in tokens[organisation].flatMap { $0.until > now ? $0.text : nil } }
    }

    func keep(_ token: String, of organisation: OrganisationID, until: Instant) {
        tokens.withLock { tokens in
            // Forgetting all of them costs one signature each and needs no order of age.
            if tokens.count >= Self.countMax { tokens.removeAll() }
            tokens[organisation] = (token, until)
        }
    }
}
