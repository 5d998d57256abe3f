import HTTPServer
import Logging
import Metrics
import Observability
import PaymentModel
import Synchronization
import Testing

@Suite struct `What is told of a request` {
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    func lines(_ target: String, as principal: Principal? = nil, _ headers: Headers = Headers()) async throws
        -> [String]
    {
        let lines = Lines()
        let logger = Logger(label: "http") { label in
            JSONLinesLogHandler(label: label, level: .info, timestamp: { "now" }) { lines.add($0) }
        }
        let pay = Route(.get, "/p/{token}", operation: "openPayPage", access: .open(because: "a test")) { request in
            request.logger.info("opened")
            return .html(.ok, "<p>pay</p>")
        }
        let client = try await InProcessClient(SampleRoutes.all + [pay], logger: logger)
        _ = try await client.call(.get, target, as: principal, headers: headers)
        return lines.all
    }

    @Test func `is one line with the template of the path, never the path`() async throws {
        let lines = try await lines("/p/s3cr3t-token?code=s3cr3t")
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { !$0.contains("s3cr3t") && $0.contains("\"traceId\"") })
        let line = try #require(lines.last)
        let value = try JSONParser.parse(Array(line.utf8))
        #expect(value["message"]?.text == "request")
        #expect(value["route"]?.text == "/p/{token}")
        #expect(value["operation"]?.text == "openPayPage")
        #expect(value["status"]?.integer == 200)
    }

    @Test func `says which aggregate it is about, so that its lines are found by its id`() async throws {
        let id = "0192f0c1-0000-7000-8000-000000000005"
        let about = Route(
            .get, "/v1/things/{thingID}/parts/{partID}", operation: "getPart", access: .open(because: "a test")
        ) { _ in .empty() }
        let made = Route(.post, "/v1/things", operation: "make", access: .open(because: "a test")) { _ in
            Response.empty(.created).with("Location", "/v1/things/\(id)")
        }
        let lines = Lines()
        let logger = Logger(label: "http") { label in
            JSONLinesLogHandler(label: label, level: .info, timestamp: { "now" }) { lines.add($0) }
        }
        let client = try await InProcessClient([about, made], logger: logger)
        _ = try await client.call(.get, "/v1/things/\(id.uppercased())/parts/0192f0c1-0000-7000-8000-000000000006")
        _ = try await client.call(.post, "/v1/things")
        _ = try await client.call(.get, "/v1/things/s3cr3t/parts/none")
        let subjects = try lines.all.map { try JSONParser.parse(Array($0.utf8))["subjectId"]?.text }
        #expect(subjects == [id, id, nil])
    }

    @Test func `has no credentials and no path that does not exist`() async throws {
        let lines = try await lines("/s3cr3t", as: Callers.principal(subject: "anna@example.com"))
        #expect(lines.count == 1)
        #expect(!lines[0].contains("s3cr3t") && !lines[0].contains("Bearer") && !lines[0].contains("anna"))
        #expect(lines[0].contains("\"problem\":\"not-found\""))
    }

    @Test func `names the error for the operator when it is our fault`() async throws {
        let lines = try await lines("/v1/failing")
        #expect(lines[0].contains("\"level\":\"error\""))
        #expect(lines[0].contains("\"reason\""))
    }
}

@Suite struct `The routes every service has` {
    let metrics = PrometheusMetrics()

    func client(_ outcome: HealthChecks.Outcome, _ access: StandardRoutes.MetricsAccess = .anyone) async throws
        -> InProcessClient
    {
        let check = HealthChecks.Check("database") { outcome }
        return try await InProcessClient(
            StandardRoutes.make(
                health: HealthChecks([check], timeMax: .seconds(600)), metrics: metrics, metricsAccess: access,
                openAPI: "{\"openapi\":\"3.1.0\"}"))
    }

    @Test func `tell whether the process lives and whether it can work (OPS-4)`() async throws {
        let well = try await client(.well)
        #expect(try await well.call(.get, "/health/live").status == 200)
        #expect(try await well.call(.get, "/health/ready").json["checks"]?.elements?.first?.text == "database")
        let unwell = try await client(.unwell("It is away."))
        #expect(try await unwell.call(.get, "/health/live").status == 200)
        let answer = try await unwell.call(.get, "/health/ready")
        #expect(answer.status == 503)
        #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == "database")
    }

    @Test(.timeLimit(.minutes(5))) func `give a check that hangs up`() async throws {
        let check = HealthChecks.Check("broker") {
            try? await Task.sleep(for: .seconds(600))
            return .well
        }
        let client = try await InProcessClient(
            StandardRoutes.make(
                health: HealthChecks([check], timeMax: .milliseconds(10)), metrics: metrics, metricsAccess: .anyone,
                openAPI: ""))
        let answer = try await client.call(.get, "/health/ready")
        #expect(answer.status == 503 && answer.text.contains("did not answer in time"))
    }

    @Test(.timeLimit(.minutes(5)))
    func `answer in time although a check does not end when it is told to`() async throws {
        let (never, release) = AsyncStream.makeStream(of: Void.self)
        let deaf = HealthChecks.Check("broker") {
            // A task of its own hears nothing of the cancellation.
            await Task { for await _ in never {} }.value
            return .well
        }
        let client = try await InProcessClient(
            StandardRoutes.make(
                health: HealthChecks([deaf], timeMax: .milliseconds(10)), metrics: metrics, metricsAccess: .anyone,
                openAPI: ""))
        let answer = try await client.call(.get, "/health/ready")
        #expect(answer.status == 503 && answer.text.contains("did not answer in time"))
        release.finish()
    }

    @Test func `show metrics to anyone, or to service accounts only`() async throws {
        Counter(label: "seen", factory: metrics).increment()
        #expect(try await client(.well).call(.get, "/metrics").text.contains("seen_total 1"))
        let closed = try await client(.well, .serviceAccounts)
        #expect(try await closed.call(.get, "/metrics").status == 401)
        let collector = Callers.principal(role: .service, scopes: ["metrics:read"])
        #expect(try await closed.call(.get, "/metrics", as: collector).status == 200)
        #expect(try await closed.call(.get, "/openapi.json").json["openapi"]?.text == "3.1.0")
    }
}
