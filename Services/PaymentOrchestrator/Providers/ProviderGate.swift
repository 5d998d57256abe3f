import HTTPClient
package import PaymentModel

/// The limits every call to a provider keeps.
package struct ProviderLimits: Hashable, Sendable {
    /// Calls of one account on the wire at once.
    package var concurrentCallsMax = 8
    /// How many of those places are kept for calls that act, so that questions never keep an order out.
    package var placesForActs = 2
    /// Calls of one account that may wait for their turn; acts and questions apart.
    package var waitingCallsMax = 200
    /// Calls of one account that may leave in a second; more wait their turn.
    package var callsPerSecondMax = 500
    /// After a quiet time as many leave at once as in this time; a provider may count in less than seconds.
    package var burst = Duration.milliseconds(250)
    /// How often a call that cannot have had an effect is tried.
    package var attemptsMax = 3
    /// The pause before the second try; each further one doubles it.
    package var firstPause = Duration.milliseconds(200)
    /// The longest pause a provider may ask of us while a person waits; a longer wish is an answer, and nothing of the
    /// account leaves until then.
    package var longestPause = Duration.seconds(2)
    /// The longest such wish that is kept; after it whatever comes asks again.
    package var longestRest = Duration.seconds(60)
    /// Failures in a row after which an account's calls are answered at once without asking.
    package var failuresBeforeBreak = 10
    /// How long they are.
    package var breakLength = Duration.seconds(10)

    /// The limits above.
    package init() {}

    /// Questions of one account on the wire at once.
    var concurrentReadsMax: Int { max(1, concurrentCallsMax - placesForActs) }
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
    /// Told how an account's calls fare, whenever that changes.
    package let tell: @Sendable (ProviderAccountID, AccountCondition) -> Void

    /// Surroundings of one process.
    package init(
        time: TimeSource, pause: @escaping @Sendable (Duration) async -> Void,
        jitter: @escaping @Sendable (Duration) -> Duration,
        measure: @escaping @Sendable (ProviderExchange) -> Void,
        tell: @escaping @Sendable (ProviderAccountID, AccountCondition) -> Void = { _, _ in }
    ) {
        self.time = time
        self.pause = pause
        self.jitter = jitter
        self.measure = measure
        self.tell = tell
    }
}

/// Stands before a transport: limits, retries what is safe, and stops asking who does not answer.
///
/// A call that may have had an effect is repeated only where the provider knows it again; of all others the payment's
/// state decides.
package actor ProviderGate {
    fileprivate typealias Turn = CheckedContinuation<Void, Never>

    fileprivate struct Lane {
        var running = 0
        /// How many of them are questions.
        var reading = 0
        var failures = 0
        var brokenUntil: Instant?
        /// Until when the provider asked for nothing to be sent; a call that was under way and works changes nothing.
        var restsUntil: Instant?
        var isKeyRefused = false
        /// When the next call would leave if all of them left evenly.
        var paceAt: Instant?
        var waitingActs: [Turn] = []
        var waitingReads: [Turn] = []
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
    package nonisolated var guarded: ProviderTransport { self.guarded(callsPerSecondMax: limits.callsPerSecondMax) }

    /// The same for a provider that allows an account another rate.
    package nonisolated func guarded(callsPerSecondMax rate: Int) -> ProviderTransport {
        ProviderTransport { request, call throws(HTTPClientError) in try await self.pass(request, call, rate) }
    }

    private func pass(
        _ request: HTTPRequest, _ call: ProviderCall, _ rate: Int
    ) async throws(HTTPClientError) -> HTTPResponse {
        let isRead = request.method.isSafe
        try await enter(call.account, isRead: isRead)
        defer { leave(call.account, isRead: isRead) }
        await keepPace(call.account, rate)
        // Its turn came too late: whoever asks in its place may be asking now.
        guard !isLate(call) else { throw .neverSent(.tooManyWaiting) }
        guard !isResting(call.account) else { throw .neverSent(.serviceUnavailable) }
        var attempt = 1
        while true {
            let result = await exchange(request, call)
            note(result, call.account)
            guard attempt < limits.attemptsMax, let pause = pauseBeforeRetry(of: request, call, result, attempt) else {
                return try result.get()
            }
            await surroundings.pause(pause)
            guard !isLate(call), !isResting(call.account) else { return try result.get() }
            attempt += 1
        }
    }

    /// Waits until the account's rate lets another call leave; whoever asks first leaves first.
    private func keepPace(_ account: ProviderAccountID, _ rate: Int) async {
        let (now, gap) = (surroundings.time.now(), Duration.seconds(1) / max(1, rate))
        let earliest = now.adding(gap - max(gap, limits.burst))
        let latest = now.adding(gap * (2 * limits.waitingCallsMax + limits.concurrentCallsMax))
        var slot = max(lanes[account, default: Lane()].paceAt ?? earliest, earliest)
        // No queue is that long: the clock was set back.
        if slot > latest { slot = now }
        lanes[account, default: Lane()].paceAt = slot.adding(gap)
        guard slot > now else { return }
        await surroundings.pause(slot - now)
    }

    private func isLate(_ call: ProviderCall) -> Bool {
        call.leavesBefore.map { surroundings.time.now() >= $0 } ?? false
    }

    /// Whether the provider asked one of the account's calls, while this one waited, that none be sent.
    private func isResting(_ account: ProviderAccountID) -> Bool {
        lanes[account]?.restsUntil.map { surroundings.time.now() < $0 } ?? false
    }

    private func exchange(
        _ request: HTTPRequest, _ call: ProviderCall
    ) async -> Result<HTTPResponse, HTTPClientError> {
        let began = surroundings.time.now()
        let result: Result<HTTPResponse, HTTPClientError>
        do throws(HTTPClientError) {
            result = .success(try await transport.send(request, call))
        } catch {
            result = .failure(error)
        }
        let exchange = ProviderExchange(
            method: request.method, status: (try? result.get())?.status, duration: surroundings.time.now() - began)
        surroundings.measure(exchange)
        return result
    }

    /// How long to wait before the same request goes out again, or `nil` when it must not.
    private func pauseBeforeRetry(
        of request: HTTPRequest, _ call: ProviderCall, _ result: Result<HTTPResponse, HTTPClientError>, _ attempt: Int
    ) -> Duration? {
        let isHarmless = request.method.isSafe || call.isRepeatable
        let doubled = limits.firstPause * (1 << min(attempt - 1, 10))
        let pause = surroundings.jitter(min(doubled, limits.longestPause))
        switch result {
        case .failure(let error): return isHarmless || error.isWorthRetrying ? pause : nil
        case .success(let response):
            // Too many requests: the provider says that it did nothing. Other failures may have had an effect.
            guard response.status == 429 || (isHarmless && response.status >= 500) else { return nil }
            guard let wish = response.retryAfter else { return pause }
            return wish <= limits.longestPause ? max(wish, pause) : nil
        }
    }
}

// MARK: Turns and breaks

extension ProviderGate {
    private func enter(_ account: ProviderAccountID, isRead: Bool) async throws(HTTPClientError) {
        var lane = lanes[account, default: Lane()]
        if lane.isShut(at: surroundings.time.now()) { throw .neverSent(.serviceUnavailable) }
        guard !lane.hasPlace(limits, isRead: isRead) else {
            lane.take(isRead: isRead)
            lanes[account] = lane
            return
        }
        let waiting = isRead ? lane.waitingReads.count : lane.waitingActs.count
        guard waiting < limits.waitingCallsMax else { throw .neverSent(.tooManyWaiting) }
        // Whoever leaves takes the place for the next. Every call ends by its own time-out.
        await withCheckedContinuation { lanes[account, default: Lane()].wait($0, isRead: isRead) }
    }

    private func leave(_ account: ProviderAccountID, isRead: Bool) {
        guard var lane = lanes[account] else { return }
        lane.release(isRead: isRead)
        lane.next(limits)?.resume()
        lanes[account] = lane
    }

    private func note(_ result: Result<HTTPResponse, HTTPClientError>, _ account: ProviderAccountID) {
        var lane = lanes[account, default: Lane()]
        if case .success(let response) = result { lane.isKeyRefused = response.status == 401 }
        if result.isHealthy {
            lane.failures = 0
            lane.brokenUntil = nil
        } else {
            lane.failures += 1
            // At the end of a break one failure is enough for the next: the count is kept until something works.
            if lane.failures >= limits.failuresBeforeBreak {
                lane.brokenUntil = surroundings.time.now().adding(limits.breakLength)
            }
            if let wish = result.wish, wish > limits.longestPause {
                let until = surroundings.time.now().adding(min(wish, limits.longestRest))
                lane.restsUntil = max(lane.restsUntil ?? until, until)
            }
        }
        lanes[account] = lane
        guard account != ProviderCall.nobody else { return }
        surroundings.tell(account, lane.condition(at: surroundings.time.now()))
    }

    /// The accounts whose keys were turned away when they were last used.
    package var refusedAccounts: [ProviderAccountID] { lanes.filter { $0.value.isKeyRefused }.map(\.key) }

    /// The accounts whose providers are not asked at the moment.
    package var brokenAccounts: [ProviderAccountID] {
        let now = surroundings.time.now()
        return lanes.filter { $0.key != ProviderCall.nobody && $0.value.isShut(at: now) }.map(\.key)
            .sorted { $0.description < $1.description }
    }

    /// How an account's calls fare now.
    package func condition(of account: ProviderAccountID) -> AccountCondition {
        lanes[account, default: Lane()].condition(at: surroundings.time.now())
    }
}

extension ProviderGate.Lane {
    /// Until when nobody asks: our own break, or the provider's wish.
    private var shutUntil: Instant? { [brokenUntil, restsUntil].compactMap(\.self).max() }

    fileprivate func isShut(at now: Instant) -> Bool { shutUntil.map { now < $0 } ?? false }

    fileprivate func condition(at now: Instant) -> AccountCondition {
        AccountCondition(
            failuresInARow: failures, brokenUntil: shutUntil.flatMap { $0 > now ? $0 : nil },
            isKeyRefused: isKeyRefused, running: running, waiting: waitingActs.count + waitingReads.count)
    }

    fileprivate func hasPlace(_ limits: ProviderLimits, isRead: Bool) -> Bool {
        running < limits.concurrentCallsMax && !(isRead && reading >= limits.concurrentReadsMax)
    }

    fileprivate mutating func take(isRead: Bool) {
        running += 1
        if isRead { reading += 1 }
    }

    fileprivate mutating func release(isRead: Bool) {
        running -= 1
        if isRead { reading -= 1 }
    }

    fileprivate mutating func wait(_ turn: ProviderGate.Turn, isRead: Bool) {
        if isRead { waitingReads.append(turn) } else { waitingActs.append(turn) }
    }

    /// Gives the free place to whoever waited longest: acts first, because people wait for them.
    fileprivate mutating func next(_ limits: ProviderLimits) -> ProviderGate.Turn? {
        if !waitingActs.isEmpty {
            take(isRead: false)
            return waitingActs.removeFirst()
        }
        guard !waitingReads.isEmpty, hasPlace(limits, isRead: true) else { return nil }
        take(isRead: true)
        return waitingReads.removeFirst()
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

    /// How long the provider asks us to wait.
    fileprivate var wish: Duration? {
        switch self {
        case .success(let response): response.retryAfter
        case .failure: nil
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
