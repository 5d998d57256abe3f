/// Work that is done again and again, such as asking a provider about payments nobody reported.
package struct Job: Sendable {
    /// Name in logs and metrics.
    package let name: String

    /// Time from the end of one run to the start of the next.
    package let interval: Duration

    /// Whether only one of all instances does it at a time.
    package let isExclusive: Bool

    /// One run of it.
    package let run: @Sendable () async throws -> Void

    /// Work for every instance, or with `exclusively` for whichever instance leads.
    ///
    /// Runs of one job never overlap in an instance. An exclusive one may run twice for a moment when a leader is cut
    /// off, so its effects MUST be harmless to repeat, like everything else here.
    package init(
        _ name: String, every interval: Duration, exclusively isExclusive: Bool = false,
        run: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.interval = interval
        self.isExclusive = isExclusive
        self.run = run
    }
}

/// When a job runs next: pure, so that it can be tested without waiting.
struct JobSchedule {
    /// How much longer the wait gets at most when runs fail.
    static let backOffMax = 16

    let interval: Duration
    private(set) var failures = 0

    init(interval: Duration) { self.interval = interval }

    /// The wait before the first run: short, so that a restart is not a pause, and different for each instance.
    func firstWait(jitter: Double) -> Duration { min(interval, .seconds(1)) * max(0, min(1, jitter)) }

    /// The wait after a run; `jitter` from 0 to 1 spreads it by a tenth to either side.
    mutating func wait(afterSuccess isSuccess: Bool, jitter: Double) -> Duration {
        failures = isSuccess ? 0 : failures + 1
        let factor = Double(min(Self.backOffMax, 1 << min(failures, 10)))
        return interval * (isSuccess ? 1 : factor) * (0.9 + 0.2 * max(0, min(1, jitter)))
    }
}
