/// Compares what a service's OpenAPI document says with what its routes do, in both directions.
package struct OpenAPICheck {
    private let document: JSONValue
    private let routes: [Route]

    /// A check of a document against routes; the routes every service has need not be described.
    package init(_ document: String, _ routes: [Route]) throws(JSONSyntaxError) {
        self.document = try JSONParser.parse(Array(document.utf8))
        self.routes = routes
    }

    /// Every difference as a sentence; empty when they agree.
    package func differences() -> [String] {
        let described = operations()
        var differences = headDifferences()
        let served = Dictionary(routes.map { (Self.key($0.method.rawValue, $0.path), $0) }) { first, _ in first }
        for (key, operation) in described.sorted(by: { $0.key < $1.key }) {
            guard let route = served[key] else {
                differences.append("\(key) is described and not served")
                continue
            }
            differences += OperationCheck(key: key, operation: operation, document: document, route: route)
                .differences()
        }
        for key in served.keys.sorted() where described[key] == nil {
            differences.append("\(key) is served and not described")
        }
        return differences
    }

    private func headDifferences() -> [String] {
        let version = document["openapi"]?.text ?? ""
        var differences: [String] = []
        if !version.hasPrefix("3.1") { differences.append("openapi is \"\(version)\", it should be 3.1.x") }
        if document["info"]?["title"]?.text == nil { differences.append("info.title is missing") }
        return differences
    }

    private func operations() -> [String: JSONValue] {
        var operations: [String: JSONValue] = [:]
        for path in document["paths"]?.members?.names ?? [] {
            guard let item = document["paths"]?[path]?.members else { continue }
            for name in item.names {
                guard let method = HTTPMethod(rawValue: name.uppercased()), let operation = item[name] else { continue }
                operations[Self.key(method.rawValue, path)] = operation
            }
        }
        return operations
    }

    private static func key(_ method: String, _ path: String) -> String { "\(method) \(path)" }
}

/// Compares one operation with its route.
private struct OperationCheck {
    let key: String
    let operation: JSONValue
    let document: JSONValue
    let route: Route

    func differences() -> [String] {
        [operationName(), roles(), scope(), security(), pathParameters(), idempotencyKey(), body(), problems()]
            .compactMap { $0 }.map { "\(key): \($0)" }
    }

    private func operationName() -> String? {
        let described = operation["operationId"]?.text ?? "nothing"
        return described == route.operation ? nil : "operationId is \(described), the route's is \(route.operation)"
    }

    private func roles() -> String? {
        let described = (operation["x-roles"]?.elements ?? []).compactMap(\.text).sorted()
        var served: [String] = []
        if case .roles(let roles, _) = route.access { served = roles.map(\.rawValue).sorted() }
        return described == served ? nil : "x-roles is \(described), the route admits \(served)"
    }

    private func scope() -> String? {
        var served: String?
        if case .roles(_, let scope) = route.access { served = scope.name }
        let described = operation["x-scope"]?.text
        return described == served ? nil : "x-scope is \(described ?? "missing"), the route's is \(served ?? "none")"
    }

    /// An open operation says so by `security: []`; any other must not.
    private func security() -> String? {
        let isDescribedOpen = operation["security"]?.elements?.isEmpty ?? false
        switch route.access {
        case .open, .signedWebhook: return isDescribedOpen ? nil : "security should be [] as the route takes no token"
        case .roles: return isDescribedOpen ? "security is [] and the route takes a token" : nil
        }
    }

    private func pathParameters() -> String? {
        let served = route.steps.compactMap { step in
            if case .parameter(let name) = step { name } else { nil }
        }
        let described = parameters(in: "path")
        return Set(served) == Set(described)
            ? nil : "path parameters are \(described.sorted()), the route's are \(served.sorted())"
    }

    private func idempotencyKey() -> String? {
        let isDescribed = parameters(in: "header").contains { $0.lowercased() == "idempotency-key" }
        guard route.idempotency == .required, !isDescribed else { return nil }
        return "the required header Idempotency-Key is not described"
    }

    private func body() -> String? {
        guard operation["requestBody"] != nil, route.method == .get || route.method == .delete else { return nil }
        return "a \(route.method.rawValue) has no body"
    }

    /// Whatever goes wrong is answered as a problem, so each operation describes that answer.
    private func problems() -> String? {
        guard let responses = operation["responses"]?.members else { return "responses are missing" }
        let failing = responses.names.filter { $0 == "default" || $0.hasPrefix("4") || $0.hasPrefix("5") }
        guard !failing.isEmpty else { return "no problem response is described" }
        let plain = failing.filter { status in
            responses[status].map(resolved)?["content"]?["application/problem+json"] == nil
        }
        return plain.isEmpty ? nil : "responses \(plain.sorted()) are not application/problem+json"
    }

    private func parameters(in place: String) -> [String] {
        (operation["parameters"]?.elements ?? []).map(resolved)
            .filter { $0["in"]?.text == place }.compactMap { $0["name"]?.text }
    }

    /// Follows a reference inside the document, one step.
    private func resolved(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.text, reference.hasPrefix("#/") else { return value }
        return reference.dropFirst(2).split(separator: "/").reduce(document) { $0[String($1)] ?? .null }
    }
}
