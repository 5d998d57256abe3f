import FoundationEssentials
import JWTKit
package import PaymentModel

/// Why a key or a set of keys can't be used.
package struct KeyError: Error, CustomStringConvertible {
    /// What is wrong and what to do.
    package let description: String
}

/// The public keys tokens are verified by, as a JWKS file holds them.
package struct KeySet: Sendable {
    /// The keys by their ids.
    let keys: [(id: String, key: EdDSA.PublicKey)]

    /// Reads a JWKS.
    package init(jwks text: String) throws(KeyError) {
        guard let value = try? JSONParser.parse(Array(text.utf8)), let entries = value["keys"]?.elements else {
            throw KeyError(description: "it is not a JSON Web Key Set")
        }
        var keys: [(id: String, key: EdDSA.PublicKey)] = []
        for entry in entries { keys.append(try Self.key(entry)) }
        guard !keys.isEmpty else { throw KeyError(description: "it holds no key") }
        guard Set(keys.map(\.id)).count == keys.count else { throw KeyError(description: "two keys have the same kid") }
        self.keys = keys
    }

    private static func key(_ entry: JSONValue) throws(KeyError) -> (id: String, key: EdDSA.PublicKey) {
        guard let id = entry["kid"]?.text, !id.isEmpty else { throw KeyError(description: "a key has no kid") }
        guard entry["kty"]?.text == "OKP", entry["crv"]?.text == "Ed25519", let x = entry["x"]?.text else {
            throw KeyError(description: "the key \(id) is not an Ed25519 key (kty OKP, crv Ed25519)")
        }
        guard entry["d"] == nil else {
            throw KeyError(description: "the key \(id) is a private key; services need the public one only")
        }
        guard let key = try? EdDSA.PublicKey(x: x, curve: .ed25519) else {
            throw KeyError(description: "the key \(id) can't be read")
        }
        return (id, key)
    }
}

/// A private key that signs tokens; services have none, only the command that mints tokens does.
package struct SigningKey: Sendable {
    /// The key's id, named by the tokens it signs.
    package let id: String

    private let key: EdDSA.PrivateKey
    private let secret: String

    /// A new key.
    package static func generate(id: String) throws -> SigningKey {
        let key = try EdDSA.PrivateKey()
        return try SigningKey(id: id, secret: Base64URL.encode(Array(key.rawRepresentation)))
    }

    /// Reads a private JWK.
    package init(jwk text: String) throws(KeyError) {
        guard let value = try? JSONParser.parse(Array(text.utf8)), let id = value["kid"]?.text,
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
        self.secret = secret
    }

    private var x: String { Base64URL.encode(Array(key.publicKey.rawRepresentation)) }

    private var publicMembers: String {
        "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"use\":\"sig\",\"kid\":\"\(id)\",\"x\":\"\(x)\""
    }

    /// The public key as a JWKS, for services.
    package var publicKeySet: String { "{\"keys\":[{\(publicMembers)}]}\n" }

    /// The private key as a JWK; MUST be kept readable by its owner only.
    package var privateKeyText: String { "{\(publicMembers),\"d\":\"\(secret)\"}\n" }

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
