import FoundationEssentials
package import HTTPClient
package import HTTPServer
package import Observability
package import PaymentModel
import Synchronization

/// The owner could not be asked.
package struct OwnerUnavailable: Error {
    /// Why, without anything personal.
    package let reason: String
    /// The owner answered that there is none: asking again changes nothing.
    package let isFinal: Bool
    /// Of a refusal; nil when it gave none.
    package let status: Int?
    /// Whether it said anything at all, even what cannot be read.
    package let hasAnswered: Bool
    /// False where nobody asked it, since it had given no answer a moment before.
    package let wasAsked: Bool

    /// An owner that could not be asked for this reason.
    package init(
        reason: String, isFinal: Bool = false, status: Int? = nil, hasAnswered: Bool = false, wasAsked: Bool = true
    ) {
        self.reason = reason
        self.wasAsked = wasAsked
        self.isFinal = isFinal
        self.status = status
        self.hasAnswered = hasAnswered || isFinal || status != nil
    }
}

/// Asks the service that owns something, in the asking service's own name: events carry no personal data.
package struct AskOwner: Sendable {
    /// Who is asked, where, and as whom.
    package struct Owner: Sendable {
        let name: String
        /// Without a slash at the end.
        let baseURL: String
        /// What the tokens may be used for there, and nothing else.
        let scope: Scope

        /// An owner at an address, asked for what a scope allows.
        package init(name: String, baseURL: String, scope: Scope) {
            self.name = name
            self.baseURL = baseURL
            self.scope = scope
        }
    }

    /// Who asks, and with which key it says so.
    package struct Asker: Sendable {
        let name: String
        let key: SigningKey
        let rules: TokenRules

        /// A service with its own key, for tokens of the settings' issuer and audience.
        package init(name: String, key: SigningKey, settings: Settings) {
            self.name = name
            self.key = key
            rules = TokenRules(
                issuer: settings[StandardSettings.tokenIssuer], audience: settings[StandardSettings.tokenAudience])
        }
    }

    let owner: Owner
    let asker: Asker
    let client: HTTPClient
    let time: TimeSource
    private let tokens = MintedTokens()

    /// Questions of one service to another.
    package init(_ owner: Owner, as asker: Asker, client: HTTPClient, time: TimeSource) {
        self.owner = owner
        self.asker = asker
        self.client = client
        self.time = time
    }

    /// Reads an answer in JSON.
    package func read<Answer: Decodable>(
        _ path: String, in organisation: OrganisationID, bytesMax: Int = 64 << 10, within limit: Duration = .seconds(5)
    ) async throws(OwnerUnavailable) -> Answer {
        let response = try await get(path, in: organisation, bytesMax: bytesMax, within: limit)
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(response.body))
        } catch {
            // The error may quote what was decoded, which is personal: its type says enough.
            throw OwnerUnavailable(reason: "\(type(of: error))", hasAnswered: true)
        }
    }

    /// Reads an answer as it is.
    package func get(
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
                    reason: "\(owner.name) answered \(response.status)",
                    isFinal: Self.saysThereIsNone(response), status: response.status)
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

    /// In the owner's own words: the page of a proxy before it, which knows no such path while the owner is being
    /// started or moved, has the same status and says nothing about what was asked for.
    private static func saysThereIsNone(_ response: HTTPResponse) -> Bool {
        struct Refusal: Decodable { let type: String }
        guard let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(response.body)) else { return false }
        return [Problem.Code.notFound, .gone].contains {
            $0.status.code == response.status && $0.type == refusal.type
        }
    }

    /// A signature costs both sides more than all the rest of the question, so a token serves for half of its life.
    private func token(for organisation: OrganisationID) async throws -> String {
        let now = time.now()
        if let token = tokens.token(of: organisation, at: now) { return token }
        let principal = Principal(
            subject: asker.name, organisation: organisation, clinics: .all, role: .service, scopes: [owner.scope])
        let token = try await asker.key.mint(principal, rules: asker.rules, from: now, lifetime: .seconds(60))
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

extension SigningKey {
    /// Why a text is no key of a service's own; nil when it is one.
    package static func fault(in key: Secret) -> String? {
        do throws(KeyError) {
            _ = try SigningKey(jwk: key.reveal())
            return nil
        } catch {
            return "can't be used: \(error); give the private-key.json that mint-token --generate-keys wrote"
        }
    }
}
