import Foundation
import HTTPClient
import Observability
import TestSupport
import Testing

@Suite struct `Sending HTTP requests` {
    let server: MisbehavingServer
    let client = HTTPClient(logger: quiet)

    init() throws { server = try MisbehavingServer() }

    private func get(_ path: String, totalTimeout: Duration? = nil, bytesMax: Int? = nil) -> HTTPRequest {
        HTTPRequest(.get, server.url(path), totalTimeout: totalTimeout, responseBytesMax: bytesMax)
    }

    // MARK: Answers

    @Test func `answers status, headers and body`() async throws {
        let response = try await client.send(get("/hello"))
        #expect(response.status == 200)
        #expect(response.body == Array("hello".utf8))
        #expect(response.header("content-LENGTH") == "5")
        #expect(response.header("X-Missing") == nil)
    }

    @Test func `takes an answer in chunks, after an interim one, and without a body`() async throws {
        #expect(try await client.send(get("/chunked")).body == Array("one two three".utf8))
        let afterHints = try await client.send(get("/interim"))
        #expect(afterHints.status == 200)
        #expect(afterHints.header("X-Early") == nil)
        let head = try await client.send(HTTPRequest(.head, server.url("/hello"), responseBytesMax: 2))
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
    }

    @Test func `an error status is an answer`() async throws {
        #expect(try await client.send(get("/nowhere")).status == 404)
    }

    @Test func `follows no redirect`() async throws {
        let response = try await client.send(get("/redirect"))
        #expect(response.status == 302)
        #expect(response.header("Location") == "/hello")
        #expect(try await server.stats(client).requests["/hello"] == nil)
    }

    @Test func `reads Retry-After in seconds and as a date`() async throws {
        #expect(try await client.send(get("/limited")).retryAfter == .seconds(7))
        #expect(try await client.send(get("/limited-until")).retryAfter == .seconds(90))
        #expect(try await client.send(get("/hello")).retryAfter == nil)
    }

    // MARK: What is sent

    struct Seen: Decodable {
        let method: String
        let argument: String
        let headers: [[String]]
        let body: String

        func values(_ name: String) -> [String] {
            headers.filter { $0[0].lowercased() == name.lowercased() }.map { $0[1] }
        }
    }

    private func echo(_ request: HTTPRequest) async throws -> Seen {
        let response = try await client.send(request)
        return try JSONDecoder().decode(Seen.self, from: Data(response.body))
    }

    @Test(arguments: HTTPRequest.Method.allCases.filter { !$0.isSafe })
    func `sends method, headers and body as they are`(_ method: HTTPRequest.Method) async throws {
        let headers = [("Content-Type", "application/json"), ("X-Key", "a: b;c"), ("X-Empty", "")]
        let seen = try await echo(
            HTTPRequest(method, server.url("/echo?a=b"), headers: headers, body: Array("{}".utf8)))
        #expect(seen.method == method.rawValue)
        #expect(seen.argument == "a=b")
        #expect(seen.body == "{}")
        #expect(seen.values("content-type") == ["application/json"])
        #expect(seen.values("content-length") == ["2"])
        #expect(seen.values("x-key") == ["a: b;c"])
        #expect(seen.values("x-empty") == [""])
        #expect(seen.values("user-agent") == ["quittance"])
    }

    @Test func `one request leaves nothing behind for the next on the same handle`() async throws {
        let settings = HTTPClientSettings()
        let post = HTTPRequest(.post, server.url("/echo"), headers: [("X-Secret", "1")], body: Array("body".utf8))
        let client = HTTPClient(settings, logger: quiet)
        _ = try await client.send(post)
        for method in [HTTPRequest.Method.get, .delete, .post] {
            let response = try await client.send(HTTPRequest(method, server.url("/echo")))
            let seen = try JSONDecoder().decode(Seen.self, from: Data(response.body))
            #expect(seen.method == method.rawValue)
            #expect(seen.body.isEmpty)
            #expect(seen.values("x-secret").isEmpty)
            #expect(seen.values("content-type").isEmpty)
            #expect(seen.values("content-length") == (method == .post ? ["0"] : []))
        }
        _ = try await client.send(HTTPRequest(.head, server.url("/hello")))
        #expect(try await client.send(get("/hello")).body.count == 5)
    }

    @Test func `sends a long body whole and at once`() async throws {
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)
        let request = HTTPRequest(.put, server.url("/echo"), body: body, responseBytesMax: 4 << 20)
        let seen = try await echo(request)
        #expect(seen.body.utf8.count == body.count)
        #expect(seen.values("expect").isEmpty)
    }

    // MARK: Limits

    @Test(arguments: ["/large?5001", "/large-chunked?6000"])
    func `ends the transfer when the answer is too long`(_ path: String) async throws {
        let error = await failure { () throws(HTTPClientError) in try await client.send(get(path, bytesMax: 5_000)) }
        #expect(error == .responseTooLarge(bytesMax: 5_000))
        #expect(try await client.send(get("/large?5000", bytesMax: 5_000)).body.count == 5_000)
    }

    @Test func `ends the transfer when the headers are too long`() async {
        let error = await failure { () throws(HTTPClientError) in try await client.send(get("/long-head")) }
        #expect(error == .responseTooLarge(bytesMax: HTTPClientSettings().responseBytesMax))
    }

    // MARK: Connections

    @Test func `keeps its connection from request to request`() async throws {
        for _ in 0..<20 { _ = try await client.send(get("/hello")) }
        let stats = try await server.stats(client)
        #expect(stats.connections == 1)
        #expect(stats.requests["/hello"] == 20)
    }

    @Test func `never has more requests on the wire than allowed`() async throws {
        var settings = HTTPClientSettings()
        settings.concurrentRequestsMax = 4
        let client = HTTPClient(settings, logger: quiet)
        let request = get("/hello")
        try await withThrowingTaskGroup { group in
            for _ in 0..<100 { group.addTask { try await client.send(request).status } }
            for try await status in group { #expect(status == 200) }
        }
        let stats = try await server.stats(client)
        #expect(stats.requests["/hello"] == 100)
        #expect(stats.connections <= 4)
    }

    @Test func `goes through the proxy it is given`() async throws {
        var settings = HTTPClientSettings()
        settings.route = .proxy(Secret("http://localhost:\(server.port)"))
        let client = HTTPClient(settings, logger: quiet)
        let response = try await client.send(HTTPRequest(.get, "http://provider.invalid/path"))
        #expect(response.body == Array("through the proxy: http://provider.invalid/path".utf8))
        let error = await failure { () throws(HTTPClientError) in
            try await client.send(HTTPRequest(.get, "https://provider.invalid/"))
        }
        #expect(error == .neverSent(.proxyRefused))
    }
}
