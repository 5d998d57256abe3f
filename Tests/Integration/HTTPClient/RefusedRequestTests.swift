import HTTPClient
import TestSupport
import Testing

@Suite struct `Refusing requests` {
    let client = HTTPClient(logger: quiet)

    @Test(arguments: [
        "", "hello", "/hello", "ftp://localhost/", "file:///etc/passwd", "gopher://localhost/", "http://",
        "http://user:password@localhost/", "http://localhost/a b", "http://localhost/\r\nX: y",
        "http://localhost\\@evil/",
        "http://localhost/é", "HTTP//localhost", "javascript:alert(1)", "http://localhost:99999/",
    ])
    func `refuses what is not a plain http or https URL`(_ url: String) async {
        #expect(
            await failure { () throws(HTTPClientError) in try await client.send(HTTPRequest(.get, url)) } == .invalidURL
        )
    }

    @Test(arguments: [
        ("X-A", "b\r\nX-Injected: yes"), ("X-A", "b\nc"), ("X-A", "\u{0}"), ("X-A\r\nB", "c"), ("X A", "b"), ("", "b"),
        ("X-A:", "b"), ("Host", "evil.example"), ("Content-Length", "1"), ("transfer-encoding", "chunked"),
    ])
    func `refuses headers that break or frame the message`(_ name: String, _ value: String) async {
        let request = HTTPRequest(.get, "http://localhost:1/", headers: [(name, value)])
        let error = await failure { () throws(HTTPClientError) in try await client.send(request) }
        #expect(error == .invalidHeader(name: name))
        #expect(error?.effectIsPossible == false)
    }

    @Test func `refuses a body where none belongs`() async {
        let request = HTTPRequest(.get, "http://localhost:1/", body: [1])
        #expect(await failure { () throws(HTTPClientError) in try await client.send(request) } == .bodyNotAllowed)
    }
}
