import JWTKit
package import PaymentModel
import Synchronization

/// Finds out who is asking.
package protocol Authenticator: Sendable {
    /// The bearer of a token, or the problem with it.
    func authenticate(bearer token: String) async throws(Problem) -> Principal

    /// How long the token is good for, from now on; nil when it has no end.
    func timeLeft(bearer token: String) async throws(Problem) -> Duration?
}

extension Authenticator {
    /// Without an end.
    package func timeLeft(bearer token: String) async throws(Problem) -> Duration? { nil }
}

/// What a token must say besides who bears it.
package struct TokenRules: Sendable {
    /// Who makes our tokens.
    package let issuer: String

    /// Whom they are for.
    package let audience: String

    /// By how much clocks may differ.
    package let leeway: Duration

    /// Rules.
    package init(issuer: String, audience: String, leeway: Duration = .seconds(30)) {
        self.issuer = issuer
        self.audience = audience
        self.leeway = leeway
    }
}

/// Verifies tokens by the public keys of a JWKS.
///
/// There may be several keys, so that a new one is made known before it signs and an old one stays until its last
/// token has expired. Only Ed25519 is known: a token cannot choose a weaker algorithm.
package struct TokenVerifier: Authenticator {
    private let keys: [String: (collection: JWTKeyCollection, limits: KeySet.Limits)]
    private let rules: TokenRules
    private let time: TimeSource
    private let seen = SeenTokens()

    /// A verifier of tokens signed by any of these keys.
    package init(_ keySet: KeySet, rules: TokenRules, time: TimeSource) async {
        // One by one, since what a token may say depends on which key signed it.
        var keys: [String: (collection: JWTKeyCollection, limits: KeySet.Limits)] = [:]
        for member in keySet.members {
            let collection = await JWTKeyCollection().add(eddsa: member.key, kid: JWKIdentifier(string: member.id))
            keys[member.id] = (collection, member.limits)
        }
        self.keys = keys
        self.rules = rules
        self.time = time
    }

    /// The bearer of a token, or the problem with it.
    package func authenticate(bearer token: String) async throws(Problem) -> Principal {
        guard token.utf8.count <= 8_192 else { throw Self.refused("The token is longer than 8192 bytes.") }
        let known = try await verified(token)
        try check(known.claims)
        return try known.bearer.get()
    }

    /// Until the token has expired for every clock that may differ from ours.
    package func timeLeft(bearer token: String) async throws(Problem) -> Duration? {
        let end = try await verified(token).claims.exp.addingReportingOverflow(rules.leeway.components.seconds)
        let now = time.now().secondsSince1970
        return end.overflow ? nil : .seconds(max(0, end.partialValue.subtractingReportingOverflow(now).partialValue))
    }

    private func verified(_ token: String) async throws(Problem) -> SeenTokens.Verified {
        // Verifying a signature costs more than all the rest of a small request.
        if let known = seen[token] { return known }
        guard let key = Self.keyID(of: token).flatMap({ keys[$0] }) else {
            throw Self.refused("The token names no key that is known here (kid).")
        }
        let claims: TokenClaims
        do {
            claims = try await key.collection.verify(token, as: TokenClaims.self)
        } catch {
            throw Self.refused("The token is not one of ours, or it was changed.")
        }
        let verified = SeenTokens.Verified(claims: claims, bearer: Self.bearer(claims, within: key.limits))
        seen[token] = verified
        return verified
    }

    /// The key the token says it was signed by; nothing of it is believed before that key has verified it.
    private static func keyID(of token: String) -> String? {
        guard let head = token.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1).first,
            let bytes = Base64URL.decode(String(Substring(head)))
        else { return nil }
        return (try? JSONParser.parse(bytes))?["kid"]?.text
    }

    private static func bearer(_ claims: TokenClaims, within limits: KeySet.Limits) -> Result<Principal, Problem> {
        guard let principal = claims.principal else {
            return .failure(refused("A claim of the token is not what it should be."))
        }
        guard limits.allow(principal) else {
            return .failure(refused("The key of this token may not give this role or these scopes."))
        }
        return .success(principal)
    }

    private func check(_ claims: TokenClaims) throws(Problem) {
        let now = time.now().secondsSince1970
        let leeway = rules.leeway.components.seconds
        guard now <= claims.exp.addingReportingOverflow(leeway).partialValue else {
            throw Self.refused("The token has expired.")
        }
        guard (claims.nbf ?? Int64.min) <= now + leeway else { throw Self.refused("The token is not valid yet.") }
        guard claims.iss == rules.issuer else { throw Self.refused("The token was made by someone else.") }
        guard claims.aud.value.contains(rules.audience) else { throw Self.refused("The token is for someone else.") }
    }

    /// The answer to a request without valid credentials.
    static func refused(_ detail: Sentence) -> Problem {
        Problem(
            .notAuthenticated, detail: detail,
            remedy: "Send Authorization: Bearer with a token that is valid now.",
            headers: ["WWW-Authenticate": "Bearer realm=\"quittance\", error=\"invalid_token\""])
    }

    /// The answer to a request without any credentials.
    static let missing = Problem(
        .notAuthenticated, detail: "The request has no bearer token.",
        remedy: "Send Authorization: Bearer with a token.",
        headers: ["WWW-Authenticate": "Bearer realm=\"quittance\""])
}

/// Tokens whose signature was verified before, and who bears them; what changes with time is checked each time.
private final class SeenTokens: Sendable {
    struct Verified: Sendable {
        let claims: TokenClaims
        let bearer: Result<Principal, Problem>
    }

    private static let countMax = 2_048
    private let tokens = Mutex<[String: Verified]>([:])

    subscript(token: String) -> Verified? {
        get { tokens.withLock { $0[token] } }
        set {
            tokens.withLock { tokens in
                // Forgetting all of them costs one signature each and needs no order of age.
                if tokens.count >= Self.countMax { tokens.removeAll(keepingCapacity: true) }
                tokens[token] = newValue
            }
        }
    }
}
