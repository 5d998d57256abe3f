import PaymentModel

/// Who may call a route; there is no route without an answer to this.
package enum Access: Sendable, Hashable {
    /// Anyone, for the reason given.
    case open(because: String)
    /// Whoever can sign; the handler MUST verify the signature over the raw bytes before it reads them.
    case signedWebhook
    /// Callers of these roles whose token has this scope.
    case roles(Set<Role>, scope: Scope)

    /// Lets the caller pass or says what is missing.
    func admit(_ principal: Principal) throws(Problem) {
        guard case .roles(let roles, let scope) = self else { return }
        guard roles.contains(principal.role) else {
            throw Problem(
                .notAllowed,
                detail: "The role \(principal.role.rawValue) may not do this; it takes \(Self.named(roles)).",
                remedy: "Use a token of one of these roles.")
        }
        guard principal.scopes.contains(scope) else {
            throw Problem(
                .notAllowed, detail: "The token lacks the scope \(scope).",
                remedy: "Use a token whose claim \"scopes\" has \(scope).",
                headers: ["WWW-Authenticate": "Bearer error=\"insufficient_scope\", scope=\"\(scope)\""])
        }
    }

    /// Each of the roles is a word of its own, for the phrasebook.
    private static func named(_ roles: Set<Role>) -> Sentence {
        var named: Sentence = ""
        for role in roles.map(\.rawValue).sorted() {
            named = named.pattern.isEmpty ? "\(role)" : "\(named), \(role)"
        }
        return named
    }
}
