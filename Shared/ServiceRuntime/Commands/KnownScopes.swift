package import HTTPServer

extension Scope {
    /// Every scope that some route of some service asks for; a test holds the list against the routes.
    package static let known: [Scope] = [
        "accounts:read", "accounts:write", "campaigns:read", "campaigns:write", "clients:read", "clients:write",
        "consents:read", "consents:write", "contacts:read", "contacts:write", "invoices:read", "invoices:recipients",
        "invoices:write", "messages:read", "messages:write", "metrics:read", "organisation:read", "organisation:write",
        "payments:read", "payments:recipients", "payments:refund", "payments:resolve", "payments:write",
        "payouts:read", "policy:read", "policy:write", "quota:read", "quota:write", "reconciliation:read",
        "reconciliation:write", "templates:read", "templates:write",
    ]

    /// The scopes a text names, separated by commas.
    ///
    /// A token without scopes, or with one nobody asks for, would be refused everywhere without saying why.
    package static func reading(_ text: String) throws(UnknownScopes) -> Set<Scope> {
        let named = text.split(separator: ",").map { Scope(String($0)) }
        let unknown = named.filter { !known.contains($0) }
        guard !named.isEmpty, unknown.isEmpty else { throw UnknownScopes(names: unknown.map(\.name)) }
        return Set(named)
    }
}

/// Scopes nobody asks for, or none at all.
package struct UnknownScopes: Error, Hashable, CustomStringConvertible {
    let names: [String]

    /// What is wrong, with what may be given instead.
    package var description: String {
        let fault = names.isEmpty ? "A token needs scopes" : "No service asks for \(names.joined(separator: ", "))"
        return "\(fault). Give --scopes, separated by commas, of: \(Scope.known.map(\.name).joined(separator: ", "))."
    }
}
