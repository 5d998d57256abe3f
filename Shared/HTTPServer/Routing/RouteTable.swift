/// All operations of a service, found by method and path.
package struct RouteTable: Sendable {
    /// Two routes that would answer the same request.
    package struct Clash: Error, CustomStringConvertible {
        /// Both, in words.
        package let description: String
    }

    /// What was found for a request.
    enum Match {
        case found(Route, parameters: [String: String])
        case wrongMethod(allowed: [HTTPMethod])
        case nothing
    }

    /// The routes, in the order they were given.
    package let routes: [Route]

    private var root = Node()

    private struct Node: Sendable {
        var literals: [String: Node] = [:]
        var parameter: [Node] = []
        var routes: [HTTPMethod: Route] = [:]
    }

    /// The table of these routes; a clash is a mistake of ours and is told at start.
    package init(_ routes: [Route]) throws(Clash) {
        self.routes = routes
        for route in routes { try Self.insert(route, route.steps[...], into: &root) }
        let operations = Dictionary(grouping: routes, by: \.operation)
        if let twice = operations.first(where: { $0.value.count > 1 }) {
            throw Clash(description: "the operation \(twice.key) is the name of \(twice.value.count) routes")
        }
    }

    private static func insert(_ route: Route, _ steps: ArraySlice<Route.Step>, into node: inout Node) throws(Clash) {
        guard let step = steps.first else {
            if let other = node.routes.updateValue(route, forKey: route.method) {
                throw Clash(description: "\(route.method.rawValue) \(route.path) clashes with \(other.path)")
            }
            return
        }
        switch step {
        case .literal(let text):
            try insert(route, steps.dropFirst(), into: &node.literals[text, default: Node()])
        case .parameter:
            if node.parameter.isEmpty { node.parameter.append(Node()) }
            try insert(route, steps.dropFirst(), into: &node.parameter[0])
        }
    }

    /// The route for a request; a step written out goes before a parameter.
    func match(_ method: HTTPMethod?, _ segments: [String]) -> Match {
        var allowed: Set<HTTPMethod> = []
        if let route = find(method, segments[...], in: root, &allowed) {
            return .found(route, parameters: Self.parameters(of: route, segments))
        }
        guard !allowed.isEmpty else { return .nothing }
        return .wrongMethod(allowed: allowed.sorted { $0.rawValue < $1.rawValue })
    }

    private func find(
        _ method: HTTPMethod?, _ segments: ArraySlice<String>, in node: Node, _ allowed: inout Set<HTTPMethod>
    ) -> Route? {
        guard let segment = segments.first else {
            allowed.formUnion(node.routes.keys)
            return method.flatMap { node.routes[$0] }
        }
        if let next = node.literals[segment], let route = find(method, segments.dropFirst(), in: next, &allowed) {
            return route
        }
        guard let next = node.parameter.first, !segment.isEmpty else { return nil }
        return find(method, segments.dropFirst(), in: next, &allowed)
    }

    private static func parameters(of route: Route, _ segments: [String]) -> [String: String] {
        var parameters: [String: String] = [:]
        for (step, segment) in zip(route.steps, segments) {
            if case .parameter(let name) = step { parameters[name] = segment }
        }
        return parameters
    }
}
