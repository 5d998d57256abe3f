import Logging
import Metrics
import Observability
import PaymentModel

/// What is known of a request while it is worked on, and told of it afterwards.
struct RequestRecord: Sendable {
    let method: String
    let trace: TraceContext
    let correlation: CorrelationID
    let id: UInt128
    let logger: Logger
    let isHead: Bool
    /// What a problem is told in.
    let language: Language
    let bytesIn: Int
    let start = ContinuousClock.now
    var route: Route?
    /// What the path is about, where it names an id.
    var subject: String?
    var caller: Principal?
    var failure: (any Error)?
    /// A body was announced and is not, or not all, read.
    var leavesBodyUnread = false

    init(_ incoming: IncomingRequest, ids: IdentifierSource, logger: Logger) {
        id = ids.next()
        var randomness = IdentifierRandomness(ids: ids)
        let from = incoming.headers["traceparent"].flatMap { TraceContext(traceparent: $0) }
        trace = from?.child(using: &randomness) ?? TraceContext.start(using: &randomness)
        correlation = incoming.headers[StandardHeaders.correlation].flatMap { CorrelationID($0) } ?? CorrelationID(id)
        method = HTTPMethod(rawValue: incoming.method)?.rawValue ?? (incoming.method == "HEAD" ? "HEAD" : "other")
        isHead = incoming.method == "HEAD"
        language = Language.answering(incoming.headers["Accept-Language"])
        bytesIn = incoming.bytesAnnounced ?? 0
        var logger = logger
        logger[metadataKey: LogField.traceID] = .string(trace.traceIDText)
        logger[metadataKey: LogField.correlationID] = .string(correlation.description)
        self.logger = logger
    }

    /// A request of nobody's interest unless it fails: probes come every few seconds.
    var isProbe: Bool { route.map { StandardRoutes.probes.contains($0.operation) } ?? false }
}

extension Route {
    /// The first id in the path: the aggregate it is about.
    ///
    /// A token or a text never is one.
    func subject(in parameters: [String: String]) -> String? {
        for case .parameter(let name) in steps where name.hasSuffix("ID") {
            if let id = parameters[name].flatMap({ UInt128(uuidText: $0) }) { return id.uuidText }
        }
        return nil
    }
}

extension Response {
    /// The id of what was made, where the answer says where it is.
    fileprivate var subject: String? {
        headers["Location"]?.split(separator: "/").last.flatMap { UInt128(uuidText: String($0)) }?.uuidText
    }
}

/// Random numbers out of the source of ids, so that there is one source of randomness.
struct IdentifierRandomness: RandomNumberGenerator {
    let ids: IdentifierSource

    func next() -> UInt64 { UInt64(truncatingIfNeeded: ids.next()) }
}

/// Writes the access log and the metrics of requests.
struct RequestRecords: Sendable {
    let logger: Logger
    private let metrics: any MetricsFactory

    init(logger: Logger, metrics: any MetricsFactory) {
        self.logger = logger
        self.metrics = metrics
    }

    func write(_ record: RequestRecord, _ response: Response) {
        let duration = ContinuousClock.now - record.start
        measure(record, response, duration)
        log(record, response, duration)
    }

    private func measure(_ record: RequestRecord, _ response: Response, _ duration: Duration) {
        let timer = Timer(
            label: "quittance_http_request",
            dimensions: [
                ("operation", record.route?.operation ?? "none"), ("method", record.method),
                ("status", response.status.family),
            ],
            factory: metrics)
        timer.recordNanoseconds(duration.nanoseconds)
        guard let problem = response.problem else { return }
        Counter(label: "quittance_http_problems", dimensions: [("code", problem)], factory: metrics).increment()
    }

    private func log(_ record: RequestRecord, _ response: Response, _ duration: Duration) {
        let level: Logger.Level = response.status.code >= 500 ? .error : record.isProbe ? .debug : .info
        guard level >= logger.logLevel else { return }
        var fields: Logger.Metadata = [
            LogField.method: .string(record.method),
            LogField.route: .string(record.route?.path ?? "none"),
            LogField.status: .stringConvertible(response.status.code),
            LogField.durationMilliseconds: .string(duration.milliseconds),
            LogField.bytesIn: .stringConvertible(record.bytesIn),
        ]
        fields[LogField.operation] = record.route.map { .string($0.operation) }
        fields[LogField.subjectID] = (record.subject ?? response.subject).map { .string($0) }
        fields[LogField.problem] = response.problem.map { .string($0) }
        if let caller = record.caller {
            fields[LogField.organisationID] = .string(caller.organisation.description)
            fields[LogField.role] = .string(caller.role.rawValue)
        }
        if case .bytes(let bytes) = response.body { fields[LogField.bytesOut] = .stringConvertible(bytes.count) }
        record.logger.log(level: level, "request", error: record.failure, metadata: fields)
    }
}

extension Duration {
    /// Whole nanoseconds; what does not fit has taken three centuries.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? Int64.max : product &+ attoseconds / 1_000_000_000
    }

    /// Milliseconds with three digits of fraction.
    var milliseconds: String {
        let microseconds = nanoseconds / 1_000
        let fraction = String(microseconds % 1_000)
        return "\(microseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
