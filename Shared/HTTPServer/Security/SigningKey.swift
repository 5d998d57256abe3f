import JWTKit
import Observability
package import PaymentModel

/// A private key that signs tokens; services have none, only the command that mints tokens does.
package struct SigningKey: Sendable {
    /// The key's id, named by the tokens it signs.
    package let id: String

    private let key: EdDSA.PrivateKey
    private let secret: Secret

    /// A new key.
    package static func generate(id: String) throws -> SigningKey {
        let key = try EdDSA.PrivateKey()
        return try SigningKey(id: id, secret: Base64URL.encode(Array(key.rawRepresentation)))
    }

    /// Reads a private JWK.
    package init(jwk text: String) throws(KeyError) {
        guard let value = try? JSONParser.parse(Array(text.utf8)), let id = value["kid"]?.text, KeySet.isPlain(id),
            let secret = value["d"]?.text
        else { throw KeyError(description: "it is not a private Ed25519 key as a JWK with kid and d") }
        try self.init(id: id, secret: secret)
    }

    private init(id: String, secret: String) throws(KeyError) {
        guard let key = try? EdDSA.PrivateKey(d: secret, curve: .ed25519) else {
            throw KeyError(description: "its d is not an Ed25519 private key")
        }
        self.id = id
        self.key = key
        self.secret = Secret(secret)
    }

    /// The public half.
    var publicMember: KeySet.Member { KeySet.Member(id: id, key: key.publicKey) }

    /// The public key as a JWKS, for services.
    package var publicKeySet: String { KeySet([publicMember]).text }

    /// The private key as a JWK; MUST be kept readable by its owner only.
    package var privateKeyText: String { "{\(publicMember.text),\"d\":\"\(secret.reveal())\"}\n" }

    /// A token for a principal, valid from now on for `lifetime`.
    package func mint(
        _ principal: Principal, rules: TokenRules, from now: Instant, lifetime: Duration
    ) async throws -> String {
        let keys = await JWTKeyCollection().add(eddsa: key, kid: JWKIdentifier(string: id))
        let claims = TokenClaims(
            principal, issuer: rules.issuer, audience: rules.audience, from: now, until: now.adding(lifetime))
        return try await keys.sign(claims, kid: JWKIdentifier(string: id))
    }
}
