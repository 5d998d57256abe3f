package import Logging
package import PaymentModel

extension HTTPLimits {
    /// Nothing runs out of time, however little of it the machine has for a test.
    package static let unhurried: HTTPLimits = {
        var limits = HTTPLimits()
        limits.timeMax = .seconds(600)
        limits.strangersBodyTimeMax = .seconds(600)
        limits.idleMax = .seconds(600)
        return limits
    }()
}

/// Calls a service's routes without a socket, the way the server does.
///
/// For tests: everything but the network is real, tokens included.
package struct InProcessClient: Sendable {
    /// What was answered.
    package struct Answer: Sendable {
        /// The status.
        package let status: Int
        /// The headers.
        package let headers: Headers
        /// The body's bytes; empty for streams.
        package let bytes: [UInt8]
        /// The events, when the answer is a live stream.
        package let events: AsyncStream<ServerSentEvent>?

        /// The body as text.
        package var text: String { String(decoding: bytes, as: UTF8.self) }

        /// The body as JSON; null when it is none.
        package var json: JSONValue { (try? JSONParser.parse(bytes)) ?? .null }

        /// The stable name of the problem that was answered.
        package var problem: String? {
            json["type"]?.text.map { String($0.dropFirst(Problem.Code.base.count)) }
        }
    }

    private let pipeline: RequestPipeline
    private let key: SigningKey
    private let rules = TokenRules(issuer: "tests", audience: "tests")
    private let time: TimeSource

    /// A client of these routes.
    package init(
        _ routes: [Route], time: TimeSource = .fixed(Instant(secondsSince1970: 1_795_000_000)),
        ids: IdentifierSource = .fixed(1), limits: HTTPLimits = .unhurried,
        logger: Logger = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() }),
        phrases: Phrasebook = .empty, mapping: @escaping RequestPipeline.ProblemMapping = { _ in nil }
    ) async throws {
        key = try SigningKey.generate(id: "tests")
        self.time = time
        let verifier = await TokenVerifier(try KeySet(jwks: key.publicKeySet), rules: rules, time: time)
        pipeline = RequestPipeline(
            routes: try RouteTable(routes), authenticator: verifier, limits: limits, ids: ids, logger: logger,
            phrases: phrases, mapping: mapping)
    }

    /// A token of a principal, valid for a minute.
    package func token(for principal: Principal) async throws -> String {
        try await key.mint(principal, rules: rules, from: time.now(), lifetime: .seconds(60))
    }

    /// Calls a route; with `json` the body is sent as JSON, with `key` it has an `Idempotency-Key`.
    package func call(
        _ method: HTTPMethod, _ target: String, as principal: Principal? = nil, json: String? = nil,
        key: String? = nil, headers: Headers = Headers()
    ) async throws -> Answer {
        var headers = headers
        if let principal { headers["Authorization"] = "Bearer \(try await token(for: principal))" }
        if json != nil, headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
        if let key { headers["Idempotency-Key"] = key }
        let body = Array((json ?? "").utf8)
        return try await call(
            IncomingRequest(method: method.rawValue, target: target, headers: headers, bytes: body))
    }

    /// Calls with a request made by hand.
    package func call(_ request: IncomingRequest) async throws -> Answer {
        let response = await pipeline.respond(to: request)
        switch response.body {
        case .empty: return answer(response, [])
        case .bytes(let bytes): return answer(response, bytes)
        case .events(let events): return answer(response, [], events)
        case .chunks(let chunks):
            var bytes: [UInt8] = []
            for try await chunk in chunks { bytes.append(contentsOf: chunk) }
            return answer(response, bytes)
        }
    }

    /// Reads a file part by part, so that none of it has to be held; answers the status.
    package func read(
        _ target: String, as principal: Principal, _ take: ([UInt8]) throws -> Void
    ) async throws -> Int {
        let headers: Headers = ["Authorization": "Bearer \(try await token(for: principal))"]
        let response = await pipeline.respond(to: IncomingRequest(method: "GET", target: target, headers: headers))
        switch response.body {
        case .empty, .events: break
        case .bytes(let bytes): try take(bytes)
        case .chunks(let chunks): for try await chunk in chunks { try take(chunk) }
        }
        return response.status.code
    }

    private func answer(
        _ response: Response, _ bytes: [UInt8], _ events: AsyncStream<ServerSentEvent>? = nil
    ) -> Answer {
        Answer(status: response.status.code, headers: response.headers, bytes: bytes, events: events)
    }
}
