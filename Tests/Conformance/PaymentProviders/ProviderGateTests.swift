import HTTPClient
import PaymentModel
import PaymentProviders
import Synchronization
import TestSupport
import Testing

/// A gate whose time stands still unless moved, and whose pauses take none.
private final class GateBench: Sendable {
    private let now = Mutex(Instant(secondsSince1970: 1_800_000_000))
    private let paused = Mutex<[Duration]>([])

    var pauses: [Duration] { paused.withLock { $0 } }

    var time: TimeSource { TimeSource { self.now.withLock { $0 } } }

    func move(_ duration: Duration) { now.withLock { $0 = $0.adding(duration) } }

    func gate(_ transport: ProviderTransport, _ limits: ProviderLimits = ProviderLimits()) -> ProviderTransport {
        gateItself(transport, limits).guarded
    }

    func gateItself(_ transport: ProviderTransport, _ limits: ProviderLimits) -> ProviderGate {
        let surroundings = GateSurroundings(
            time: time,
            pause: { pause in self.paused.withLock { $0.append(pause) } },
            jitter: { $0 }, measure: { _ in })
        return ProviderGate(transport, limits: limits, surroundings: surroundings)
    }
}

@Suite struct `The gate before a provider, PAY-13` {
    private let account = ProviderCall(ProviderAccountID(1))
    private let read = HTTPRequest(.get, "https://provider.example/")
    private let create = HTTPRequest(.post, "https://provider.example/", body: [])

    @Test func `repeats a read that failed, with growing pauses`() async throws {
        let script = ScriptedAlma(
            ScriptedAlma.status(500), .failure(.outcomeUnknown(.timedOut)), ScriptedAlma.status(200))
        let bench = GateBench()
        let response = try await bench.gate(script.transport).send(read, account)
        #expect(response.status == 200)
        #expect(bench.pauses == [.milliseconds(200), .milliseconds(400)])
    }

    @Test(arguments: [ScriptedAlma.status(500), .failure(.outcomeUnknown(.timedOut))])
    func `never repeats what may have had an effect`(answer: ScriptedAlma.Answer) async {
        let script = ScriptedAlma(answer)
        _ = try? await GateBench().gate(script.transport).send(create, account)
        #expect(script.requests.count == 1)
    }

    @Test(arguments: [ScriptedAlma.status(500), .failure(.outcomeUnknown(.timedOut))])
    func `repeats what may have had an effect where the provider knows it again`(answer: ScriptedAlma.Answer)
        async throws
    {
        let script = ScriptedAlma(answer, ScriptedAlma.status(200))
        let known = ProviderCall(ProviderAccountID(1), isRepeatable: true)
        #expect(try await GateBench().gate(script.transport).send(create, known).status == 200)
        #expect(script.requests.count == 2)
    }

    @Test func `repeats a creation that never left, or was turned away unread`() async throws {
        let script = ScriptedAlma(
            .failure(.neverSent(.unreachable)), ScriptedAlma.status(429, headers: [("Retry-After", "1")]),
            ScriptedAlma.status(200))
        let bench = GateBench()
        #expect(try await bench.gate(script.transport).send(create, account).status == 200)
        #expect(bench.pauses == [.milliseconds(200), .seconds(1)])
    }

    @Test func `does not make a person wait as long as a provider may wish`() async throws {
        let script = ScriptedAlma(ScriptedAlma.status(429, headers: [("Retry-After", "60")]))
        #expect(try await GateBench().gate(script.transport).send(create, account).status == 429)
        #expect(script.requests.count == 1)
    }

    @Test func `sends nothing of the account while the provider asks for it, and no longer than a minute`()
        async throws
    {
        let script = ScriptedAlma(
            ScriptedAlma.status(429, headers: [("Retry-After", "3600")]), ScriptedAlma.status(200))
        let bench = GateBench()
        let gate = bench.gateItself(script.transport, ProviderLimits())
        _ = try await gate.guarded.send(create, account)
        #expect(await gate.condition(of: account.account).brokenUntil == bench.time.now().adding(.seconds(60)))
        #expect(await gate.brokenAccounts == [account.account])
        for request in [read, create] {
            await #expect(throws: HTTPClientError.neverSent(.serviceUnavailable)) {
                try await gate.guarded.send(request, account)
            }
        }
        #expect(script.requests.count == 1)
        #expect(await gate.condition(of: ProviderAccountID(2)).brokenUntil == nil, "another account's calls leave")
        bench.move(.seconds(60))
        #expect(try await gate.guarded.send(create, account).status == 200)
    }

    @Test func `keeps the provider's wish though a call that left before it works`() async throws {
        var limits = ProviderLimits()
        limits.concurrentCallsMax = 2
        let (held, release) = AsyncStream.makeStream(of: Void.self)
        let sent = Mutex(0)
        let transport = ProviderTransport { request, _ throws(HTTPClientError) in
            sent.withLock { $0 += 1 }
            guard request.url.hasSuffix("slow") else {
                return HTTPResponse(status: 429, headers: [("Retry-After", "30")])
            }
            for await _ in held {}
            return HTTPResponse(status: 200)
        }
        let bench = GateBench()
        let gate = bench.gateItself(transport, limits)
        let slow = HTTPRequest(.post, "https://provider.example/slow", body: [])
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await gate.guarded.send(slow, account).status }
            try await waitUntil("it is out") { sent.withLock { $0 } == 1 }
            _ = try await gate.guarded.send(create, account)
            release.finish()
            #expect(try await group.next() == 200)
        }
        #expect(await gate.condition(of: account.account).brokenUntil == bench.time.now().adding(.seconds(30)))
        await #expect(throws: HTTPClientError.neverSent(.serviceUnavailable)) {
            try await gate.guarded.send(create, account)
        }
        #expect(sent.withLock { $0 } == 2)
    }

    @Test func `lets a quarter of a second's worth of calls leave at once, and the rest evenly`() async throws {
        var limits = ProviderLimits()
        limits.callsPerSecondMax = 16
        let fine = ScriptedAlma.status(200)
        let script = ScriptedAlma(fine, fine, fine, fine, fine, fine, fine)
        let bench = GateBench()
        let gate = bench.gate(script.transport, limits)
        for _ in 0..<4 { _ = try await gate.send(read, account) }
        #expect(bench.pauses == [])
        for _ in 0..<2 { _ = try await gate.send(read, account) }
        #expect(bench.pauses == [.microseconds(62_500), .milliseconds(125)], "time stands still here")
        bench.move(.seconds(2))
        _ = try await gate.send(read, account)
        #expect(bench.pauses.count == 2)
    }

    @Test func `keeps the rate of each provider, whatever the others have`() async throws {
        let fine = ScriptedAlma.status(200)
        let script = ScriptedAlma(fine, fine, fine, fine, fine)
        let bench = GateBench()
        let gate = bench.gateItself(script.transport, ProviderLimits())
        for _ in 0..<2 { _ = try await gate.guarded(callsPerSecondMax: 2).send(read, account) }
        #expect(bench.pauses == [.milliseconds(500)])
        for _ in 0..<2 { _ = try await gate.guarded.send(read, ProviderCall(ProviderAccountID(2))) }
        #expect(bench.pauses.count == 1)
    }

    @Test func `says how an account's calls fare`() async throws {
        var limits = ProviderLimits()
        limits.attemptsMax = 1
        limits.failuresBeforeBreak = 2
        let script = ScriptedAlma(
            ScriptedAlma.status(500), ScriptedAlma.status(500), ScriptedAlma.status(500), ScriptedAlma.status(200))
        let bench = GateBench()
        let told = Mutex<[AccountCondition]>([])
        let gate = ProviderGate(
            script.transport, limits: limits,
            surroundings: GateSurroundings(
                time: bench.time, pause: { _ in }, jitter: { $0 }, measure: { _ in },
                tell: { _, condition in told.withLock { $0.append(condition) } }))
        for _ in 0..<2 { _ = try await gate.guarded.send(create, account) }
        #expect(told.withLock { $0 }.map(\.failuresInARow) == [1, 2])
        _ = try? await gate.guarded.send(create, ProviderCall(ProviderCall.nobody))
        #expect(told.withLock { $0 }.count == 2, "a certificate's call is no account's")
        let broken = await gate.condition(of: account.account)
        #expect(broken.brokenUntil == bench.time.now().adding(limits.breakLength) && broken.running == 0)
        bench.move(limits.breakLength)
        _ = try await gate.guarded.send(create, account)
        #expect(await gate.condition(of: account.account).failuresInARow == 0)
    }

    @Test func `stops asking who does not answer, and tries again after a while`() async throws {
        var limits = ProviderLimits()
        limits.attemptsMax = 1
        limits.failuresBeforeBreak = 2
        let script = ScriptedAlma(ScriptedAlma.status(500), ScriptedAlma.status(500), ScriptedAlma.status(200))
        let bench = GateBench()
        let gate = bench.gate(script.transport, limits)
        for _ in 0..<2 { _ = try await gate.send(create, account) }
        await #expect(throws: HTTPClientError.neverSent(.serviceUnavailable)) { try await gate.send(create, account) }
        #expect(script.requests.count == 2)
        bench.move(limits.breakLength)
        #expect(try await gate.send(create, account).status == 200)
    }

    @Test func `breaks for one account only`() async throws {
        var limits = ProviderLimits()
        limits.failuresBeforeBreak = 1
        let script = ScriptedAlma(ScriptedAlma.status(500), ScriptedAlma.status(200))
        let gate = GateBench().gate(script.transport, limits)
        _ = try await gate.send(create, account)
        #expect(try await gate.send(create, ProviderCall(ProviderAccountID(2))).status == 200)
    }

    @Test func `lets so many calls of an account out at once and no more`() async throws {
        var limits = ProviderLimits()
        limits.concurrentCallsMax = 2
        let (held, release) = AsyncStream.makeStream(of: Void.self)
        let running = Mutex((now: 0, most: 0))
        let transport = ProviderTransport { _, _ throws(HTTPClientError) in
            running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            for await _ in held {}
            running.withLock { $0.now -= 1 }
            return HTTPResponse(status: 200)
        }
        let gate = GateBench().gateItself(transport, limits)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await gate.guarded.send(create, account) } }
            // Nobody comes back before all have come: however they are scheduled, as many are out as ever may be.
            try await waitUntil("all have come") {
                let lane = await gate.condition(of: account.account)
                return lane.running + lane.waiting == 20
            }
            #expect(await gate.condition(of: account.account).waiting == 18)
            try await waitUntil("they are out") { running.withLock { $0.now } >= 2 }
            release.finish()
            try await group.waitForAll()
        }
        #expect(running.withLock { $0.most } == 2)
    }

    @Test func `keeps places for acts, so that questions of one link never keep an order out`() async throws {
        var limits = ProviderLimits()
        (limits.concurrentCallsMax, limits.placesForActs, limits.waitingCallsMax) = (4, 1, 2)
        let (held, release) = AsyncStream.makeStream(of: Void.self)
        let reading = Mutex(0)
        let transport = ProviderTransport { request, _ throws(HTTPClientError) in
            guard request.method == .get else { return HTTPResponse(status: 201) }
            reading.withLock { $0 += 1 }
            for await _ in held {}
            return HTTPResponse(status: 200)
        }
        let gate = GateBench().gate(transport, limits)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try? await gate.send(read, account) } }
            while reading.withLock({ $0 }) < 3 { await Task.yield() }
            #expect(try await gate.send(create, account).status == 201)
            release.finish()
            try await group.waitForAll()
        }
        #expect(reading.withLock { $0 } >= 3)
    }

    @Test func `does not let a call out whose lease is over`() async throws {
        let (script, bench) = (ScriptedAlma(ScriptedAlma.status(429), ScriptedAlma.status(200)), GateBench())
        let gate = bench.gate(script.transport)
        let call = ProviderCall(account.account, leavesBefore: bench.time.now().adding(.seconds(1)))
        bench.move(.seconds(1))
        await #expect(throws: HTTPClientError.neverSent(.tooManyWaiting)) { try await gate.send(create, call) }
        #expect(script.requests.isEmpty)
    }

    @Test func `does not repeat a call whose lease ended in the pause`() async throws {
        let (script, bench) = (ScriptedAlma(ScriptedAlma.status(429), ScriptedAlma.status(200)), GateBench())
        let surroundings = GateSurroundings(
            time: bench.time, pause: { bench.move($0) }, jitter: { $0 }, measure: { _ in })
        let gate = ProviderGate(script.transport, limits: ProviderLimits(), surroundings: surroundings).guarded
        let call = ProviderCall(account.account, leavesBefore: bench.time.now().adding(.milliseconds(100)))
        #expect(try await gate.send(create, call).status == 429)
        #expect(script.requests.count == 1)
    }
}
