import HTTPClient
import Observability
import TestSupport
import Testing

@Suite struct `Telling what never happened from what may have` {
    let server: MisbehavingServer
    let client = HTTPClient(logger: quiet)

    init() throws { server = try MisbehavingServer() }

    private func outcome(_ request: HTTPRequest, by client: HTTPClient? = nil) async -> HTTPClientError? {
        let client = client ?? self.client
        return await failure { () throws(HTTPClientError) in try await client.send(request) }
    }

    private func post(_ path: String, totalTimeout: Duration? = nil) -> HTTPRequest {
        HTTPRequest(.post, server.url(path), body: Array("pay".utf8), totalTimeout: totalTimeout)
    }

    // MARK: Never sent

    @Test func `a port where nobody listens`() async {
        let error = await outcome(HTTPRequest(.post, "http://localhost:1/"))
        #expect(error == .neverSent(.unreachable))
        #expect(error?.effectIsPossible == false)
    }

    @Test func `a name without an address`() async {
        #expect(await outcome(HTTPRequest(.post, "http://nobody.invalid/")) == .neverSent(.nameNotResolved))
    }

    @Test func `a server that does not speak TLS`() async {
        let error = await outcome(HTTPRequest(.post, "https://localhost:\(server.port)/hello"))
        #expect(error == .neverSent(.tlsFailed))
    }

    @Test func `a server that never answers the TLS greeting`() async {
        let request = HTTPRequest(
            .post, "https://localhost:\(server.mutePort)/", connectTimeout: .milliseconds(100))
        #expect(await outcome(request) == .neverSent(.timedOut))
    }

    @Test func `a task cancelled before it began`() async {
        let request = post("/hello")
        let client = client
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await failure { () throws(HTTPClientError) in try await client.send(request) }
        }
        task.cancel()
        #expect(await task.value == .neverSent(.cancelled))
    }

    // MARK: Unknown

    @Test(arguments: ["/reset-before-response", "/close-before-response"])
    func `a connection lost after the request was read`(_ path: String) async throws {
        #expect(await outcome(post(path)) == .outcomeUnknown(.connectionLost))
        #expect(try await server.stats(client).requests[path] == 1)
    }

    @Test(arguments: ["/reset-mid-response", "/short-response"])
    func `an answer that is cut off`(_ path: String) async {
        #expect(await outcome(post(path)) == .outcomeUnknown(.connectionLost))
    }

    @Test(arguments: ["/slow", "/drip"])
    func `an answer that does not come in time`(_ path: String) async {
        let error = await outcome(post(path, totalTimeout: .milliseconds(200)))
        #expect(error == .outcomeUnknown(.timedOut))
        #expect(error?.effectIsPossible == true)
    }

    @Test func `an answer that is not HTTP`() async {
        #expect(await outcome(post("/garbage")) == .outcomeUnknown(.answerNotUnderstood))
    }

    @Test func `a task cancelled while it waits for the answer`() async throws {
        let request = post("/slow")
        let client = client
        let task = Task { await failure { () throws(HTTPClientError) in try await client.send(request) } }
        #expect(try await eventually { try await server.stats(client).requests["/slow"] == 1 })
        task.cancel()
        #expect(await task.value == .outcomeUnknown(.cancelled))
    }

    // MARK: Sent once

    @Test(arguments: [[], Array("pay".utf8)])
    func `a kept connection that dies under a request does not make it be sent again`(_ body: [UInt8]) async throws {
        let path = "/reset-when-kept"
        let request = HTTPRequest(.post, server.url(path), body: body)
        #expect(try await client.send(request).status == 200)
        #expect(await outcome(request) == .outcomeUnknown(.connectionLost))
        #expect(try await server.stats(client).requests[path] == 2)
    }

    @Test func `a question without effect is asked again on a new connection`() async throws {
        let request = HTTPRequest(.get, server.url("/reset-when-kept"))
        for _ in 0..<3 { #expect(try await client.send(request).status == 200) }
    }

    // MARK: Limits and ending

    @Test func `one request more than may wait is refused at once`() async throws {
        var settings = HTTPClientSettings()
        settings.concurrentRequestsMax = 1
        settings.waitingRequestsMax = 1
        let client = HTTPClient(settings, logger: quiet)
        let slow = post("/slow")
        let tasks = (0..<3).map { _ in
            Task { await failure { () throws(HTTPClientError) in try await client.send(slow) } }
        }
        #expect(try await eventually { try await server.stats(self.client).requests["/slow"] == 1 })
        await client.close(within: .zero)
        var counts: [HTTPClientError?: Int] = [:]
        for task in tasks { counts[await task.value, default: 0] += 1 }
        #expect(counts[.outcomeUnknown(.closed)] == 1)
        #expect((counts[.neverSent(.tooManyWaiting)] ?? 0) + (counts[.neverSent(.closed)] ?? 0) == 2)
    }

    @Test func `waiting for a free connection counts as time`() async throws {
        var settings = HTTPClientSettings()
        settings.concurrentRequestsMax = 1
        let client = HTTPClient(settings, logger: quiet)
        let slow = post("/slow")
        let first = Task { try await client.send(slow) }
        #expect(try await eventually { try await server.stats(self.client).requests["/slow"] == 1 })
        let waiting = await outcome(post("/hello", totalTimeout: .milliseconds(50)), by: client)
        #expect(waiting == .neverSent(.timedOut))
        first.cancel()
        _ = await first.result
    }

    @Test func `a closed client lets the request in hand finish and takes no other`() async throws {
        let client = HTTPClient(logger: quiet)
        let request = post("/hello")
        let inHand = Task { try await client.send(request).status }
        #expect(try await inHand.value == 200)
        await client.close()
        await client.close()
        #expect(await outcome(request, by: client) == .neverSent(.closed))
    }

    @Test func `an error shows nothing of the request`() async {
        let request = HTTPRequest(
            .post, "http://localhost:1/secret-path?key=secret-key", headers: [("Authorization", "secret-token")])
        let error = await outcome(request)
        #expect(!String(reflecting: error).contains("secret"))
    }

    @Test func `what is sent and answered is not printed by accident`() async throws {
        let request = HTTPRequest(
            .post, server.url("/echo?secret"), headers: [("X-A", "secret")], body: Array("secret".utf8))
        let response = try await client.send(request)
        #expect(
            !"\(request)\(response)\(String(reflecting: request))\(String(reflecting: response))".contains("secret"))
    }

    @Test func `every transfer is counted and timed by host and outcome, an unbounded number of hosts as one`()
        async throws
    {
        let metrics = PrometheusMetrics()
        let client = HTTPClient(logger: quiet, metrics: metrics)
        for path in ["/hello", "/hello", "/nowhere"] { _ = try await client.send(HTTPRequest(.get, server.url(path))) }
        _ = await outcome(post("/reset-before-response"), by: client)
        for port in 1...120 { _ = await outcome(HTTPRequest(.get, "http://localhost:\(port)/"), by: client) }
        let text = metrics.exposition()
        let host = "host=\"localhost:\(server.port)\""
        for (outcome, count) in [("2xx", 2), ("4xx", 1), ("outcome-unknown", 1)] {
            let line = "quittance_http_client_request_seconds_count{\(host),outcome=\"\(outcome)\"} \(count)"
            #expect(text.contains(line), "\(line)")
        }
        #expect(text.contains("{host=\"other\",outcome=\"never-sent\"} 21"))
    }
}
