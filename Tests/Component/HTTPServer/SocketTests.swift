import HTTPServer
import Logging
import NIOCore
import NIOPosix
import PaymentModel
import ServiceLifecycle
import Testing

/// A server on a port of the system's choice, for as long as the body runs.
enum RunningServer {
    static let quiet = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })

    struct Nobody: Authenticator {
        func authenticate(bearer token: String) async throws(Problem) -> Principal {
            throw Problem(.notAuthenticated, detail: "Nobody is known here.", remedy: "Ask elsewhere.")
        }
    }

    static func run(
        _ routes: [Route], limits: HTTPLimits = .unhurried, authenticator: any Authenticator = Nobody(),
        _ body: @escaping @Sendable (_ port: Int, _ group: ServiceGroup) async throws -> Void
    ) async throws {
        let pipeline = RequestPipeline(
            routes: try RouteTable(routes), authenticator: authenticator, limits: limits, ids: .fixed(1), logger: quiet)
        let (ports, sink) = AsyncStream.makeStream(of: Int.self)
        let listener = HTTPListener(pipeline, host: "127.0.0.1", port: 0, logger: quiet) { sink.yield($0) }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [listener], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await body(port, group)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

/// A connection whose bytes the test writes and reads itself.
struct RawConnection {
    private var chunks: AsyncStream<String>.Iterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var text = ""

    @discardableResult
    static func open<Result: Sendable>(
        _ port: Int, _ body: @escaping @Sendable (inout RawConnection) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let (chunks, sink) = AsyncStream.makeStream(of: String.self)
            let reading = Task {
                // A connection that is reset has ended like any other.
                do { for try await buffer in inbound { sink.yield(String(buffer: buffer)) } } catch {}
                sink.finish()
            }
            defer { reading.cancel() }
            var connection = RawConnection(chunks: chunks.makeAsyncIterator(), outbound: outbound)
            return try await body(&connection)
        }
    }

    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    /// Reads until what came contains `part`, or the other side closes.
    mutating func read(until part: String) async throws -> String {
        while !text.contains(part), let chunk = await chunks.next(isolation: #isolation) { text += chunk }
        defer { text = "" }
        return text
    }

    /// Reads until the other side closes.
    mutating func readToEnd() async -> String {
        while let chunk = await chunks.next(isolation: #isolation) { text += chunk }
        return text
    }
}

@Suite(.timeLimit(.minutes(5))) struct `The server on a socket` {
    static let echo = Route(.post, "/v1/echo", operation: "echo", access: .open(because: "a test"), bodyBytesMax: 64) {
        request in .bytes(.ok, request.body, contentType: "text/plain")
    }
    static let hello = Route(.get, "/v1/hello", operation: "hello", access: .open(because: "a test")) { _ in
        .text(.ok, "hello")
    }

    @Test func `answers one request after the other on a connection`() async throws {
        try await RunningServer.run([Self.echo, Self.hello]) { port, _ in
            try await RawConnection.open(port) { connection in
                for count in 1...3 {
                    try await connection.send(
                        "POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nno\(count)")
                    let answer = try await connection.read(until: "no\(count)")
                    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                }
                try await connection.send(
                    "HEAD /v1/hello HTTP/1.1\r\nHost: a\r\n\r\nGET /v1/hello HTTP/1.1\r\nHost: a\r\n\r\n")
                let both = try await connection.read(until: "hello")
                #expect(both.components(of: "HTTP/1.1 200 OK") == 2)
            }
        }
    }

    @Test func `refuses a body without end and closes the connection`() async throws {
        try await RunningServer.run([Self.echo]) { port, _ in
            try await RawConnection.open(port) { connection in
                try await connection.send("POST /v1/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in 0..<3 { try await connection.send("20\r\n" + String(repeating: "x", count: 32) + "\r\n") }
                let answer = await connection.readToEnd()
                #expect(answer.hasPrefix("HTTP/1.1 413"))
                #expect(answer.contains("problems/body-too-large"))
            }
        }
    }

    @Test func `survives what is no HTTP`() async throws {
        try await RunningServer.run([Self.hello]) { port, _ in
            for nonsense in ["nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n"] {
                try await RawConnection.open(port) { connection in
                    try await connection.send(nonsense)
                    _ = await connection.readToEnd()
                }
            }
            try await RawConnection.open(port) { connection in
                try await connection.send("GET /v1/hello HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await connection.read(until: "hello").contains("200 OK"))
            }
        }
    }

    @Test func `tells when the body does not arrive in time`() async throws {
        var limits = HTTPLimits.unhurried
        limits.timeMax = .milliseconds(50)
        try await RunningServer.run([Self.echo], limits: limits) { port, _ in
            try await RawConnection.open(port) { connection in
                try await connection.send("POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\nabc")
                let answer = await connection.readToEnd()
                #expect(answer.hasPrefix("HTTP/1.1 408"))
            }
        }
    }

    @Test func `answers probes and requests without a body while slow bodies take every place`() async throws {
        var limits = HTTPLimits.unhurried
        limits.requestsMax = 2
        limits.strangersBodiesMax = 2
        let live = Route(.get, "/health/live", operation: "healthLive", access: .open(because: "a test")) { _ in
            .text(.ok, "live")
        }
        try await RunningServer.run([Self.echo, Self.hello, live], limits: limits) { port, _ in
            try await RawConnection.open(port) { first in
                try await first.send("POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nn")
                try await RawConnection.open(port) { second in
                    try await second.send("POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nn")
                    try await Self.expectRefusedBody(port)
                    for path in ["/health/live", "/v1/hello"] {
                        try await RawConnection.open(port) { probe in
                            try await probe.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                            #expect(try await probe.read(until: "l").hasPrefix("HTTP/1.1 200"))
                        }
                    }
                    try await second.send("o2")
                    #expect(try await second.read(until: "no2").contains("200 OK"))
                }
            }
        }
    }

    /// Asks until both places are taken, which the server learns a moment after the bytes were sent.
    private static func expectRefusedBody(_ port: Int) async throws {
        var answer = ""
        while !answer.hasPrefix("HTTP/1.1 503") {
            answer = try await RawConnection.open(port) { third in
                try await third.send(
                    "POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")
                return await third.readToEnd()
            }
        }
        #expect(answer.contains("problems/overloaded"))
    }

    @Test func `gives a body of a caller without a token less time`() async throws {
        var limits = HTTPLimits.unhurried
        limits.strangersBodyTimeMax = .milliseconds(50)
        try await RunningServer.run([Self.echo], limits: limits) { port, _ in
            try await RawConnection.open(port) { connection in
                try await connection.send("POST /v1/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\nabc")
                #expect(await connection.readToEnd().hasPrefix("HTTP/1.1 408"))
            }
        }
    }

    @Test func `finishes the request in hand when it stops`() async throws {
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let waiting = Route(.get, "/v1/waiting", operation: "wait", access: .open(because: "a test")) { _ in
            enter.yield()
            var iterator = gate.makeAsyncIterator()
            _ = await iterator.next()
            return .text(.ok, "finished")
        }
        try await RunningServer.run([waiting]) { port, group in
            try await RawConnection.open(port) { connection in
                try await connection.send("GET /v1/waiting HTTP/1.1\r\nHost: a\r\n\r\n")
                var iterator = entered.makeAsyncIterator()
                _ = await iterator.next()
                await group.triggerGracefulShutdown()
                open.yield()
                #expect(await connection.readToEnd().hasSuffix("finished"))
            }
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `An address` {
    @Test func `that is taken is named, with what to do about it`() async throws {
        try await RunningServer.run([]) { port, _ in
            let pipeline = RequestPipeline(
                routes: try RouteTable([]), authenticator: RunningServer.Nobody(), ids: .fixed(1),
                logger: RunningServer.quiet)
            let second = HTTPListener(pipeline, host: "127.0.0.1", port: port, logger: RunningServer.quiet)
            let error = await #expect(throws: HTTPListener.ListeningFailed.self) { try await second.run() }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("127.0.0.1:\(port) is taken") && text.contains("QUITTANCE_HTTP_PORT"))
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A live stream` {
    /// A route that streams what the test yields, and tells when its reader has gone.
    struct Source {
        let events = AsyncStream.makeStream(of: ServerSentEvent.self)
        let gone = AsyncStream.makeStream(of: Void.self)

        var route: Route { route(.open(because: "a test")) }

        func route(_ access: Access) -> Route {
            events.continuation.onTermination = { [gone = gone.continuation] _ in gone.yield() }
            return Route(.get, "/v1/events", operation: "watch", access: access) { [stream = events.stream] _ in
                .serverSentEvents(stream)
            }
        }

        func waitUntilGone() async {
            var iterator = gone.stream.makeAsyncIterator()
            _ = await iterator.next()
        }
    }

    static let request = "GET /v1/events HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `brings events as they happen, and signs of life in between`() async throws {
        let source = Source()
        var limits = HTTPLimits.unhurried
        limits.heartbeat = .milliseconds(5)
        try await RunningServer.run([source.route], limits: limits) { port, _ in
            try await RawConnection.open(port) { connection in
                try await connection.send(Self.request)
                #expect(try await connection.read(until: ": still here").contains("text/event-stream"))
                source.events.continuation.yield(ServerSentEvent(id: "7", name: "paid", data: "{\"a\":1}\nb"))
                let text = try await connection.read(until: "data: b")
                #expect(text.contains("id: 7\nevent: paid\ndata: {\"a\":1}\ndata: b"))
            }
        }
    }

    @Test func `ends at its source when the reader goes`() async throws {
        let source = Source()
        try await RunningServer.run([source.route]) { port, _ in
            try await RawConnection.open(port) { connection in
                try await connection.send(Self.request)
                _ = try await connection.read(until: ": still here")
            }
            await source.waitUntilGone()
        }
    }

    @Test func `ends for the reader when the source ends`() async throws {
        let source = Source()
        try await RunningServer.run([source.route]) { port, _ in
            try await RawConnection.open(port) { connection in
                try await connection.send(Self.request)
                _ = try await connection.read(until: ": still here")
                source.events.continuation.finish()
                #expect(try await connection.read(until: "0\r\n\r\n").contains("0\r\n\r\n"))
            }
        }
    }

    @Test func `ends when its reader's token expires`() async throws {
        let key = try SigningKey.generate(id: "tests")
        let rules = TokenRules(issuer: "tests", audience: "tests", leeway: .zero)
        // A clock that stands: the token is good for a second from each look.
        let now = Instant(secondsSince1970: 1_795_000_000)
        let verifier = await TokenVerifier(try KeySet(jwks: key.publicKeySet), rules: rules, time: .fixed(now))
        let token = try await key.mint(Callers.principal(), rules: rules, from: now, lifetime: .seconds(1))
        let source = Source()
        let route = source.route(.roles([.manager], scope: "invoices:read"))
        try await RunningServer.run([route], authenticator: verifier) { port, _ in
            try await RawConnection.open(port) { connection in
                try await connection.send(
                    "GET /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n\r\n")
                // At once, for beginning and end may come together.
                let all = try await connection.read(until: "0\r\n\r\n")
                #expect(all.hasPrefix("HTTP/1.1 200") && all.hasSuffix("0\r\n\r\n"))
            }
            await source.waitUntilGone()
        }
    }

    @Test func `ends when the server stops`() async throws {
        let source = Source()
        try await RunningServer.run([source.route]) { port, group in
            try await RawConnection.open(port) { connection in
                try await connection.send(Self.request)
                _ = try await connection.read(until: ": still here")
                await group.triggerGracefulShutdown()
                _ = await connection.readToEnd()
            }
            await source.waitUntilGone()
        }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        indices.filter { self[$0...].hasPrefix(part) }.count
    }
}
