import HTTPServer
import PaymentModel
import Testing

@Suite struct `Answering a request` {
    let caller = Callers.principal()

    func client(_ limits: HTTPLimits = .unhurried) async throws -> InProcessClient {
        try await InProcessClient(SampleRoutes.all, limits: limits)
    }

    @Test func `reads the path and answers JSON with its headers`() async throws {
        let answer = try await client().call(.get, "/v1/invoices/\(InvoiceID(5))", as: caller)
        #expect(answer.status == 200)
        #expect(answer.json["id"]?.text == InvoiceID(5).description)
        #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
        #expect(answer.headers["Cache-Control"] == "no-store")
        #expect(answer.headers["Access-Control-Allow-Origin"] == nil)
        #expect(answer.headers["X-Correlation-ID"].flatMap { CorrelationID($0) } != nil)
    }

    @Test func `goes for a step written out before a parameter`() async throws {
        #expect(try await client().call(.get, "/v1/invoices/overdue", as: caller).text == "overdue")
    }

    @Test func `takes the caller's trace and correlation on`() async throws {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let correlation = CorrelationID(99).description
        let answer = try await client().call(
            .get, "/v1/invoices/overdue", as: caller,
            headers: ["traceparent": trace, "x-correlation-id": correlation])
        #expect(answer.headers["traceparent"]?.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-") == true)
        #expect(answer.headers["traceparent"] != trace)
        #expect(answer.headers["X-Correlation-ID"] == correlation)
    }

    @Test(arguments: [
        ("GET", "/v1/nothing", 404, "not-found"), ("GET", "/v1/invoices/", 404, "not-found"),
        ("GET", "/", 404, "not-found"), ("DELETE", "/v1/invoices", 405, "method-not-allowed"),
        ("OPTIONS", "/v1/invoices", 405, "method-not-allowed"), ("BREW", "/v1/invoices", 405, "method-not-allowed"),
        ("GET", "/v1/%zz", 400, "malformed-request"), ("GET", "/v1/%ff", 400, "malformed-request"),
        ("GET", "*", 400, "malformed-request"), ("GET", "/v1/failing", 500, "internal-error"),
        ("GET", "/v1/overflowing", 422, "amount-overflow"), ("GET", "/v1/slow", 503, "took-too-long"),
        ("GET", "/v1/invoices", 401, "not-authenticated"),
    ])
    func `tells every refusal as a problem`(method: String, target: String, status: Int, problem: String) async throws {
        let answer = try await client().call(IncomingRequest(method: method, target: target))
        #expect(answer.status == status)
        #expect(answer.problem == problem)
        #expect(answer.headers["Content-Type"] == "application/problem+json")
        #expect(answer.json["title"]?.text?.isEmpty == false)
        #expect(answer.json["remedy"]?.text?.isEmpty == false)
        #expect(!answer.text.contains("hunter2"))
    }

    @Test func `names the methods a path takes`() async throws {
        let answer = try await client().call(IncomingRequest(method: "PATCH", target: "/v1/invoices"))
        #expect(answer.headers["Allow"] == "GET, POST")
    }

    @Test func `answers HEAD as it answers GET`() async throws {
        let token = try await client().token(for: caller)
        let client = try await client()
        _ = token
        let own = try await client.token(for: caller)
        let answer = try await client.call(
            IncomingRequest(
                method: "HEAD", target: "/v1/invoices/overdue", headers: ["Authorization": "Bearer \(own)"]))
        #expect(answer.status == 200)
    }

    @Test func `refuses a malformed id in the path by its name`() async throws {
        let answer = try await client().call(.get, "/v1/invoices/17", as: caller)
        #expect(answer.status == 400)
        #expect(answer.json["errors"]?.elements?.first?["pointer"]?.text == "{invoiceID}")
    }

    @Test func `counts what is worked on and turns away what is too much`() async throws {
        var limits = HTTPLimits.unhurried
        limits.requestsMax = 0
        let answer = try await client(limits).call(.get, "/v1/invoices/overdue", as: caller)
        #expect(answer.status == 503)
        #expect(answer.problem == "overloaded")
        #expect(answer.headers["Retry-After"] == "1")
    }

    @Test func `maps errors of the layers below as it is told`() async throws {
        let client = try await InProcessClient(SampleRoutes.all) { error in
            error is SampleRoutes.Broken ? Problem(.conflict, detail: "It broke.", remedy: "Wait.") : nil
        }
        #expect(try await client.call(.get, "/v1/failing").problem == "conflict")
    }

    @Test func `refuses two routes that would answer the same request`() {
        let route = SampleRoutes.all[0]
        let twin = Route(.get, "/v1/invoices/{id}", operation: "other", access: SampleRoutes.read) { _ in .empty() }
        #expect(throws: RouteTable.Clash.self) { try RouteTable([route, twin]) }
        #expect(throws: RouteTable.Clash.self) { try RouteTable([route, SampleRoutes.all[1], route]) }
    }
}

@Suite struct `The body of a request` {
    let caller = Callers.principal()
    let good = #"{"amount": {"minorUnits": 100, "currency": "EUR"}}"#

    func post(
        _ body: String, key: String? = "k1", headers: Headers = Headers(), limits: HTTPLimits = .unhurried
    ) async throws -> InProcessClient.Answer {
        try await InProcessClient(SampleRoutes.all, limits: limits).call(
            .post, "/v1/invoices", as: caller, json: body, key: key, headers: headers)
    }

    @Test func `is read when all is well`() async throws {
        let answer = try await post(good)
        #expect(answer.status == 201)
        #expect(answer.json["amount"]?["minorUnits"]?.integer == 100)
    }

    @Test(arguments: [
        ("", 400, "malformed-json"), ("[]", 400, "malformed-json"), ("{\"a\":1,\"a\":2}", 400, "malformed-json"),
        ("nonsense", 400, "malformed-json"), ("{}", 422, "invalid-fields"),
        (#"{"amount": {"minorUnits": 100, "currency": "EUR"}, "x": 1}"#, 422, "invalid-fields"),
        (#"{"amount": {"minorUnits": -100, "currency": "EUR"}}"#, 422, "invalid-fields"),
        (#"{"amount": {"minorUnits": 9223372036854775807, "currency": "EUR"}}"#, 422, "invalid-fields"),
        (#"{"amount": 12.5}"#, 422, "invalid-fields"),
    ])
    func `is refused as a whole when anything in it is wrong`(body: String, status: Int, problem: String) async throws {
        let answer = try await post(body)
        #expect(answer.status == status)
        #expect(answer.problem == problem)
    }

    @Test func `must be JSON and say so`() async throws {
        let answer = try await post(good, headers: ["Content-Type": "text/plain"])
        #expect(answer.status == 415)
        #expect(answer.problem == "unsupported-media-type")
        #expect(try await post(good, headers: ["Content-Type": "application/json; charset=utf-8"]).status == 201)
    }

    @Test func `must not be larger than its route takes`() async throws {
        let client = try await InProcessClient(SampleRoutes.all)
        let fitting = IncomingRequest(
            method: "POST", target: "/v1/webhooks/alma", bytes: Array(repeating: 1, count: 16))
        #expect(try await client.call(fitting).text == "16")
        let large = IncomingRequest(method: "POST", target: "/v1/webhooks/alma", bytes: Array(repeating: 1, count: 17))
        let answer = try await client.call(large)
        #expect(answer.status == 413)
        #expect(answer.headers["Connection"] == "close")
    }

    @Test func `is refused before it is read when its length is too large`() async throws {
        let client = try await InProcessClient(SampleRoutes.all)
        let request = IncomingRequest(
            method: "POST", target: "/v1/webhooks/alma", headers: ["Content-Length": "17"]
        ) { _ in
            Issue.record("the body was read")
            return []
        }
        #expect(try await client.call(request).status == 413)
    }

    @Test func `must arrive in time`() async throws {
        var limits = HTTPLimits.unhurried
        limits.timeMax = .milliseconds(20)
        let client = try await InProcessClient(SampleRoutes.all, limits: limits)
        var headers = Headers()
        headers.append("Content-Length", "8")
        let request = IncomingRequest(method: "POST", target: "/v1/webhooks/alma", headers: headers) { _ in
            try await Task.sleep(for: .seconds(600))
            return []
        }
        let answer = try await client.call(request)
        #expect(answer.status == 408)
        #expect(answer.problem == "request-timeout")
    }

    @Test func `comes with headers that are not too large`() async throws {
        let answer = try await post(good, headers: ["X-Filler": String(repeating: "x", count: 40_000)])
        #expect(answer.status == 431)
        #expect(answer.problem == "headers-too-large")
    }

    @Test func `comes with a key where it creates something`() async throws {
        #expect(try await post(good, key: nil).problem == "idempotency-key-missing")
        #expect(try await post(good, key: "with space").problem == "idempotency-key-malformed")
        #expect(try await post(good, key: String(repeating: "k", count: 256)).problem == "idempotency-key-malformed")
        #expect(try await post(good, key: "").problem == "idempotency-key-malformed")
        #expect(try await post(good, key: String(repeating: "k", count: 255)).status == 201)
    }

    @Test func `never makes the server fail, whatever it is`() async throws {
        var randomness = SeededRandomness(seed: 3)
        let client = try await InProcessClient(SampleRoutes.all)
        var told = 0
        for _ in 0..<500 {
            let answer = try await client.call(
                .post, "/v1/invoices", as: caller, json: RandomJSON.object(using: &randomness), key: "k")
            #expect([201, 400, 422].contains(answer.status))
            guard answer.status == 422 else { continue }
            for error in answer.json["errors"]?.elements ?? [] {
                told += 1
                #expect(["pointer", "reason", "remedy"].allSatisfy { error[$0]?.text?.isEmpty == false })
            }
        }
        #expect(told > 0, "somebody was told what is wrong")
    }
}

@Suite struct `The fingerprint of a request` {
    func fingerprint(_ target: String, _ body: String) async throws -> String {
        let route = Route(.post, "/v1/{what}", operation: "print", access: .open(because: "a test")) { request in
            .text(.ok, "\(request.idempotencyKey?.fingerprint ?? [])")
        }
        return try await InProcessClient([route]).call(.post, target, json: body, key: "k").text
    }

    @Test func `differs when path or body differ and only then`() async throws {
        let first = try await fingerprint("/v1/a", "{}")
        #expect(try await fingerprint("/v1/a", "{}") == first)
        #expect(try await fingerprint("/v1/b", "{}") != first)
        #expect(try await fingerprint("/v1/a", "{ }") != first)
    }
}
