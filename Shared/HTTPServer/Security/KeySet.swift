import JWTKit

/// Why a key or a set of keys can't be used.
package struct KeyError: Error, CustomStringConvertible {
    /// What is wrong and what to do.
    package let description: String
}

/// The public keys tokens are verified by, as a JWKS file holds them.
package struct KeySet: Sendable {
    /// One public key.
    struct Member: Sendable {
        let id: String
        let key: EdDSA.PublicKey
        /// What tokens of this key may say; anything when there are no limits.
        var limits = Limits()

        /// The names and values of the key in a JWK.
        var text: String {
            let x = Base64URL.encode(Array(key.rawRepresentation))
            return
                "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"use\":\"sig\",\"kid\":\"\(id)\",\"x\":\"\(x)\""
                + limits.text
        }
    }

    /// What the tokens of one key may say: a key that a service holds opens what that service needs, and nothing else.
    ///
    /// In the JWKS: `"roles": ["service"], "scopes": ["payments:recipients"]` beside the key's own members.
    struct Limits: Sendable {
        var roles: Set<Role>?
        var scopes: Set<Scope>?

        func allow(_ principal: Principal) -> Bool {
            roles.map { $0.contains(principal.role) } ?? true
                && scopes.map { $0.isSuperset(of: principal.scopes) } ?? true
        }

        fileprivate var text: String {
            func member(_ name: String, _ values: [String]?) -> String {
                guard let values else { return "" }
                return ",\"\(name)\":[" + values.sorted().map { "\"\($0)\"" }.joined(separator: ",") + "]"
            }
            return member("roles", roles?.map(\.rawValue)) + member("scopes", scopes?.map(\.name))
        }
    }

    let members: [Member]

    /// The keys of these members.
    init(_ members: [Member]) { self.members = members }

    /// Reads a JWKS.
    package init(jwks text: String) throws(KeyError) {
        guard let value = try? JSONParser.parse(Array(text.utf8)), let entries = value["keys"]?.elements else {
            throw KeyError(description: "it is not a JSON Web Key Set")
        }
        var members: [Member] = []
        for entry in entries { members.append(try Self.member(entry)) }
        guard !members.isEmpty else { throw KeyError(description: "it holds no key") }
        guard Set(members.map(\.id)).count == members.count else {
            throw KeyError(description: "two keys have the same kid")
        }
        self.members = members
    }

    /// These keys and one more.
    package func adding(_ key: SigningKey) -> KeySet { KeySet(members + [key.publicMember]) }

    /// The keys as a JWKS.
    package var text: String {
        "{\"keys\":[\n" + members.map { "  {\($0.text)}" }.joined(separator: ",\n") + "\n]}\n"
    }

    private static func member(_ entry: JSONValue) throws(KeyError) -> Member {
        guard let id = entry["kid"]?.text, isPlain(id) else {
            throw KeyError(description: "a key has no kid of letters, digits, dots, dashes and underscores")
        }
        guard entry["kty"]?.text == "OKP", entry["crv"]?.text == "Ed25519", let x = entry["x"]?.text else {
            throw KeyError(description: "the key \(id) is not an Ed25519 key (kty OKP, crv Ed25519)")
        }
        guard entry["d"] == nil else {
            throw KeyError(description: "the key \(id) is a private key; services need the public one only")
        }
        guard let key = try? EdDSA.PublicKey(x: x, curve: .ed25519) else {
            throw KeyError(description: "the key \(id) can't be read")
        }
        return Member(id: id, key: key, limits: try limits(entry, of: id))
    }

    private static func limits(_ entry: JSONValue, of id: String) throws(KeyError) -> Limits {
        let roles = try names("roles", entry, of: id)?.map { Role(rawValue: $0) }
        guard roles?.contains(nil) != true else { throw KeyError(description: "the key \(id) names an unknown role") }
        let scopes = try names("scopes", entry, of: id)?.map { Scope($0) }
        return Limits(roles: roles.map { Set($0.compactMap { $0 }) }, scopes: scopes.map { Set($0) })
    }

    private static func names(_ member: String, _ entry: JSONValue, of id: String) throws(KeyError) -> [String]? {
        guard let value = entry[member] else { return nil }
        guard let elements = value.elements, case let names = elements.compactMap(\.text), names.count == elements.count
        else { throw KeyError(description: "the \(member) of the key \(id) are no list of names") }
        return names
    }

    /// Ids are written into JSON and headers as they are.
    static func isPlain(_ id: String) -> Bool {
        (1...200).contains(id.utf8.count)
            && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }
}
