import HTTPClient
package import PaymentModel

/// The limits every call to a provider keeps.
package struct ProviderLimits: Hashable, Sendable {
    /// Calls of one account on the wire at once.
    package var concurrentCallsMax = 8
    /// Calls of one account that may wait for their turn.
    package var waitingCallsMax = 200
    /// How often a call that cannot have had an effect is tried.
    package var attemptsMax = 3
    /// The pause before the second try; each further one doubles it.
    package var firstPause = Duration.milliseconds(200)
    /// The longest pause a provider may ask of us while a person waits; a longer wish is an answer.
    package var longestPause = Duration.seconds(2)
    /// Failures in a row after which an account's calls are answered at once without asking.
    package var failuresBeforeBreak = 10
    /// How long they are.
    package var breakLength = Duration.seconds(10)

    /// The limits above.
    package init() {}
}

/// What the gate takes from outside, so that a test can be sure of it.
package struct GateSurroundings: Sendable {
    /// The time, for breaks and measurements.
    package let time: TimeSource
    /// Waits.
    package let pause: @Sendable (Duration) async -> Void
    /// Shortens a pause at random, so that callers who failed together do not come back together.
    package let jitter: @Sendable (Duration) -> Duration
    /// Told of every exchange.
    package let measure: @Sendable (ProviderExchange) -> Void

    /// Surroundings of one process.
    package init(
        time: TimeSource, pause: @escaping @Sendable (Duration) async -> Void,
        jitter: @escaping @Sendable (Duration) -> Duration,
        measure: @escaping @Sendable (ProviderExchange) -> Void
    ) {
        self.time = time
        self.pause = pause
        self.jitter = jitter
        self.measure = measure
    }
}

/// Stands before a transport: limits, retries what is safe, and stops asking who does not answer.
///
/// A call that may have had an effect is never repeated here; the payment's state decides about it.
package actor ProviderGate {
    private struct Lane {
        var running = 0
        var failures = 0
        var brokenUntil: Instant?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let transport: ProviderTransport
    private let limits: ProviderLimits
    private let surroundings: GateSurroundings
    private var lanes: [ProviderAccountID: Lane] = [:]

    /// A gate before `transport`.
    package init(_ transport: ProviderTransport, limits: ProviderLimits, surroundings: GateSurroundings) {
        self.transport = transport
        self.limits = limits
        self.surroundings = surroundings
    }

    /// The transport behind the gate.
    package nonisolated var guarded: ProviderTransport {
        ProviderTransport { request, account throws(HTTPClientError) in try await self.pass(request, account) }
    }

    private func pass(
        _ request: HTTPRequest, _ account: ProviderAccountID
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await enter(account)
        defer { leave(account) }
        var attempt = 1
        while true {
            let result = await exchange(request, account, attempt)
            note(result, account)
            guard attempt < limits.attemptsMax, let pause = pauseBeforeRetry(of: request, result, attempt) else {
                return try result.get()
            }
            await surroundings.pause(pause)
            attempt += 1
        }
    }

    private func exchange(
        _ request: HTTPRequest, _ account: ProviderAccountID, _ attempt: Int
    ) async -> Result<HTTPResponse, HTTPClientError> {
        let began = surroundings.time.now()
        let result: Result<HTTPResponse, HTTPClientError>
        do throws(HTTPClientError) {
            result = .success(try await transport.send(request, account))
        } catch {
            result = .failure(error)
        }
        let exchange = ProviderExchange(
            method: request.method, status: (try? result.get())?.status, duration: surroundings.time.now() - began,
            attempt: attempt)
        surroundings.measure(exchange)
        return result
    }

    /// How long to wait before the same request goes out again, or `nil` when it must not.
    private func pauseBeforeRetry(
        of request: HTTPRequest, _ result: Result<HTTPResponse, HTTPClientError>, _ attempt: Int
    ) -> Duration? {
        let doubled = limits.firstPause * (1 << min(attempt - 1, 10))
        let pause = surroundings.jitter(min(doubled, limits.longestPause))
        switch result {
        case .failure(let error): return request.method.isSafe || error.isWorthRetrying ? pause : nil
        case .success(let response):
            // Too many requests: the provider says that it did nothing. Other failures may have had an effect.
            guard response.status == 429 || (request.method.isSafe && response.status >= 500) else { return nil }
            guard let wish = response.retryAfter else { return pause }
            return wish <= limits.longestPause ? max(wish, pause) : nil
        }
    }
}

// MARK: Turns and breaks

extension ProviderGate {
    private func enter(_ account: ProviderAccountID) async throws(HTTPClientError) {
        var lane = lanes[account, default: Lane()]
        if let until = lane.brokenUntil, surroundings.time.now() < until { throw .neverSent(.serviceUnavailable) }
        guard lane.running >= limits.concurrentCallsMax else {
            lane.running += 1
            lanes[account] = lane
            return
        }
        guard lane.waiting.count < limits.waitingCallsMax else { throw .neverSent(.tooManyWaiting) }
        // Whoever leaves hands its place over, so `running` stays as it is. Every call ends by its own time-out.
        await withCheckedContinuation { lanes[account, default: Lane()].waiting.append($0) }
    }

    private func leave(_ account: ProviderAccountID) {
        guard var lane = lanes[account] else { return }
        if lane.waiting.isEmpty {
            lane.running -= 1
        } else {
            lane.waiting.removeFirst().resume()
        }
        lanes[account] = lane
    }

    private func note(_ result: Result<HTTPResponse, HTTPClientError>, _ account: ProviderAccountID) {
        var lane = lanes[account, default: Lane()]
        if result.isHealthy {
            lane.failures = 0
            lane.brokenUntil = nil
        } else {
            lane.failures += 1
            // At the end of a break one failure is enough for the next: the count is kept until something works.
            if lane.failures >= limits.failuresBeforeBreak {
                lane.brokenUntil = surroundings.time.now().adding(limits.breakLength)
            }
        }
        lanes[account] = lane
    }
}

extension Result<HTTPResponse, HTTPClientError> {
    /// Whether the provider is there; a refusal is a healthy answer.
    fileprivate var isHealthy: Bool {
        switch self {
        case .success(let response): response.status < 500 && response.status != 429
        case .failure(let error): error == .neverSent(.cancelled)
        }
    }
}

extension HTTPClientError {
    /// Whether nothing was sent and the next try may go better.
    fileprivate var isWorthRetrying: Bool {
        switch self {
        case .neverSent(let failure): failure != .cancelled && failure != .closed && failure != .certificateRefused
        case .outcomeUnknown, .responseTooLarge, .invalidURL, .invalidHeader, .bodyNotAllowed: false
        }
    }
}
