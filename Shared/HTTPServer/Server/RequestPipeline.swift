package import Logging
package import Metrics
import Observability
package import PaymentModel

/// From the bytes of a request to the answer: limits, route, caller, body, handler; then one log line.
///
/// It knows nothing of sockets, so tests call it as the server does.
package final class RequestPipeline: Sendable {
    /// Turns an error of the layers below into the problem it means for a caller; nil when it means nothing.
    package typealias ProblemMapping = @Sendable (any Error) -> Problem?

    let limits: HTTPLimits
    let stop = StopSignal()
    let streams: Admission

    private let routes: RouteTable
    private let authenticator: any Authenticator
    private let ids: IdentifierSource
    private let mapping: ProblemMapping
    private let phrases: Phrasebook
    private let admission: Admission
    private let bodies: Admission
    private let strangersBodies: Admission
    private let records: RequestRecords

    /// A pipeline for these routes.
    package init(
        routes: RouteTable, authenticator: any Authenticator, limits: HTTPLimits = HTTPLimits(), ids: IdentifierSource,
        logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory,
        phrases: Phrasebook = .empty, mapping: @escaping ProblemMapping = { _ in nil }
    ) {
        self.routes = routes
        self.authenticator = authenticator
        self.limits = limits
        self.ids = ids
        self.mapping = mapping
        self.phrases = .shared.adding(phrases)
        self.admission = Admission(placesMax: limits.requestsMax)
        self.bodies = Admission(placesMax: limits.bodiesMax)
        self.strangersBodies = Admission(placesMax: limits.strangersBodiesMax)
        self.streams = Admission(placesMax: limits.streamsMax)
        self.records = RequestRecords(logger: logger, metrics: metrics)
    }

    /// Stops taking in live streams and ends those that are open.
    package func beginStop() { stop.stop() }

    /// Answers a request; there is no request without an answer.
    package func respond(to incoming: IncomingRequest) async -> Response {
        var record = RequestRecord(incoming, ids: ids, logger: records.logger)
        var response: Response
        do {
            response = try await answer(incoming, &record)
        } catch {
            response = problem(error, &record)
        }
        StandardHeaders.add(to: &response, record)
        records.write(record, response)
        return response
    }

    private func answer(_ incoming: IncomingRequest, _ record: inout RequestRecord) async throws -> Response {
        try checkHeaders(incoming)
        let target = try RequestTarget(incoming.target)
        let (route, parameters) = try route(incoming, target)
        record.route = route
        record.subject = route.subject(in: parameters)
        let caller = try await caller(of: route, incoming.headers)
        record.caller = caller
        guard !route.readsUpload else { return try await answerUpload(incoming, (route, parameters, target), &record) }
        let body = try await whole(incoming, route, &record)
        let key = try IdempotencyKey.read(
            incoming.headers, rule: route.idempotency, method: route.method, target: incoming.target, body: body)
        let request = Request(
            operation: route.operation, method: route.method, route: route.path, headers: incoming.headers,
            body: body, trace: record.trace, correlation: record.correlation, id: record.id, logger: record.logger,
            reader: Reader(record.language, phrases), givenKey: key, caller: caller, parameters: parameters,
            target: target)
        let timeLeft = (route.timeMax ?? limits.timeMax) - (.now - record.start)
        let handle: @Sendable () async throws -> Response = { try await route.handle(request) }
        // A probe asks whether we work, not whether we are busy.
        guard !record.isProbe else { return try await TimeLimit.run(timeLeft, handle) }
        var response = try await admission.hold { try await TimeLimit.run(timeLeft, handle) }
        if caller != nil, case .events = response.body {
            response.streamTimeMax = try await authenticator.timeLeft(bearer: try Self.bearer(incoming.headers))
        }
        return response
    }

    /// A request whose body its handler reads; it takes a place among the bodies on their way, not among the requests.
    private func answerUpload(
        _ incoming: IncomingRequest, _ found: (route: Route, parameters: [String: String], target: RequestTarget),
        _ record: inout RequestRecord
    ) async throws -> Response {
        let route = found.route
        let key = try IdempotencyKey.read(
            incoming.headers, rule: route.idempotency, method: route.method, target: incoming.target, body: [])
        let bytesMax = route.bodyBytesMax ?? limits.bodyBytesMax
        record.leavesBodyUnread = incoming.announcesBody
        if let length = incoming.bytesAnnounced, length > bytesMax { throw Problem.bodyTooLarge(bytesMax) }
        let upload = Upload(
            incoming, bytesMax: bytesMax,
            hash: IdempotencyKey.begin(route.method, incoming.target))
        let request = Request(
            operation: route.operation, method: route.method, route: route.path, headers: incoming.headers, body: [],
            trace: record.trace, correlation: record.correlation, id: record.id, logger: record.logger,
            reader: Reader(record.language, phrases), upload: upload, givenKey: key, caller: record.caller,
            parameters: found.parameters, target: found.target)
        defer { record.leavesBodyUnread = incoming.announcesBody && !upload.isRead }
        return try await bodies.hold {
            try await TimeLimit.run(route.timeMax ?? limits.timeMax) { try await route.handle(request) }
        }
    }

    /// The body once it is there; only what was announced takes a place among the bodies on their way.
    private func whole(
        _ incoming: IncomingRequest, _ route: Route, _ record: inout RequestRecord
    ) async throws -> [UInt8] {
        guard !record.isProbe else { return [] }
        guard incoming.announcesBody else { return try await body(of: incoming, route) }
        let isStranger = record.caller == nil
        let timeMax = route.timeMax ?? limits.timeMax
        record.leavesBodyUnread = true
        let body = try await (isStranger ? strangersBodies : bodies).hold {
            try await TimeLimit.run(isStranger ? min(timeMax, limits.strangersBodyTimeMax) : timeMax) {
                try await self.body(of: incoming, route)
            }
        }
        record.leavesBodyUnread = false
        return body
    }

    /// A HEAD is answered as the GET would be; the server leaves its body out.
    private func route(
        _ incoming: IncomingRequest, _ target: RequestTarget
    ) throws(Problem) -> (Route, [String: String]) {
        let method = HTTPMethod(rawValue: incoming.method == "HEAD" ? "GET" : incoming.method)
        switch routes.match(method, target.segments) {
        case .found(let route, let parameters): return (route, parameters)
        case .nothing:
            throw Problem(.notFound, detail: "There is no such path.", remedy: "See /openapi.json for the paths.")
        case .wrongMethod(let allowed):
            let names = allowed.map(\.rawValue).joined(separator: ", ")
            throw Problem(
                .methodNotAllowed, detail: "This path takes \(names).", remedy: "Use one of these methods.",
                headers: ["Allow": names])
        }
    }

    private func checkHeaders(_ incoming: IncomingRequest) throws(Problem) {
        guard incoming.headers.size + incoming.target.utf8.count <= limits.headerBytesMax else {
            throw Problem(
                .headersTooLarge, detail: "Headers and path have more than \(limits.headerBytesMax) bytes.",
                remedy: "Send fewer or shorter headers.")
        }
    }

    private func caller(of route: Route, _ headers: Headers) async throws(Problem) -> Principal? {
        guard case .roles = route.access else { return nil }
        let principal = try await authenticator.authenticate(bearer: try Self.bearer(headers))
        try route.access.admit(principal)
        return principal
    }

    private static func bearer(_ headers: Headers) throws(Problem) -> String {
        guard let header = headers["Authorization"] else { throw TokenVerifier.missing }
        // By bytes: a token is long, and finding its characters costs more than all the rest.
        let parts = header.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw TokenVerifier.missing }
        return String(parts[1])
    }

    private func body(of incoming: IncomingRequest, _ route: Route) async throws -> [UInt8] {
        let bytesMax = route.bodyBytesMax ?? limits.bodyBytesMax
        do {
            if let length = incoming.bytesAnnounced, length > bytesMax {
                throw IncomingRequest.BodyTooLarge()
            }
            return try await incoming.body(bytesMax)
        } catch is IncomingRequest.BodyTooLarge {
            throw Problem.bodyTooLarge(bytesMax)
        } catch is CancellationError {
            throw Problem(.requestTimeout, detail: "The body did not arrive in time.", remedy: "Send it again.")
        }
    }
}

// MARK: Errors

extension RequestPipeline {
    /// Problems that leave a part of the request unread on the connection.
    private static let unread: Set<Problem.Code> = [.bodyTooLarge, .requestTimeout, .headersTooLarge, .tookTooLong]

    private func problem(_ error: any Error, _ record: inout RequestRecord) -> Response {
        let problem = problem(of: error)
        // Only what is our fault is told to the operator; the caller learns no more than that it is.
        if problem.code == .internalError { record.failure = error }
        var response = Response.problem(problem, traceID: record.trace.traceIDText, in: record.language, phrases)
        response.closesConnection = record.leavesBodyUnread || Self.unread.contains(problem.code)
        return response
    }

    private func problem(of error: any Error) -> Problem {
        if let problem = error as? Problem { return problem }
        if let problem = mapping(error) { return problem }
        switch error {
        case MoneyError.overflow:
            return Problem(
                .amountOverflow, detail: "A sum of the amounts is too large to be kept exactly.",
                remedy: "Send smaller amounts.")
        case MoneyError.currencyMismatch(let left, let right):
            return Problem(
                .currencyMismatch, detail: "\(left) and \(right) can't be added.",
                remedy: "Use one currency for all amounts.")
        case is TimeLimit.Exceeded:
            return .retry(.tookTooLong, after: 5, detail: "It may or may not have been done.")
        case is CancellationError, is IncomingRequest.BodyCutShort:
            return Problem(.requestTimeout, detail: "The request did not arrive whole.", remedy: "Send it again.")
        default:
            return Problem(
                .internalError, detail: "It was noted and will be looked at.",
                remedy: "Try again later with the same Idempotency-Key; give the traceId when asking for help.")
        }
    }
}
