package import TransactionalMessaging

/// Work that is done again and again, such as asking a provider about payments nobody reported.
package struct Job: Sendable {
    /// Name in logs and metrics.
    package let name: String

    /// Time from the end of one run to the start of the next.
    package let interval: Duration

    /// What the time between runs grows to while there is nothing to do; nil: it does not grow.
    package let idleMax: Duration?

    /// What ends a wait before its time.
    let doorbell: Doorbell?

    /// Whether only one of all instances does it at a time.
    package let isExclusive: Bool

    /// One run of it; false when there was nothing to do.
    let work: @Sendable () async throws -> Bool

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
        idleMax = nil
        doorbell = nil
        work = {
            try await run()
            return true
        }
    }

    /// The same for work that says whether there was any: while there is none the wait doubles up to `idleMax`.
    ///
    /// A ring of the bell ends the wait; one that is lost costs a wait, no more.
    package init(
        _ name: String, every interval: Duration, idlingUpTo idleMax: Duration, exclusively isExclusive: Bool = false,
        wokenBy doorbell: Doorbell? = nil, run: @escaping @Sendable () async throws -> Bool
    ) {
        self.name = name
        self.interval = interval
        self.idleMax = idleMax
        self.doorbell = doorbell
        self.isExclusive = isExclusive
        work = run
    }

    /// One run of it, for those who need not know whether there was anything to do.
    package func run() async throws { _ = try await work() }
}

/// What became of one run of a job.
enum JobRun: Hashable, Sendable {
    case worked, idled, failed
}

/// When a job runs next: pure, so that it can be tested without waiting.
struct JobSchedule {
    /// How much longer the wait gets at most when runs fail.
    static let backOffMax = 16

    let interval: Duration
    let idleMax: Duration?
    private(set) var failures = 0
    /// Runs without work since the last with some.
    private var idleRuns = 0

    init(interval: Duration, idleMax: Duration? = nil) {
        self.interval = interval
        self.idleMax = idleMax
    }

    /// The wait before the first run: short, so that a restart is not a pause, and different for each instance.
    func firstWait(jitter: Double) -> Duration { min(interval, .seconds(1)) * max(0, min(1, jitter)) }

    /// The wait after a run; `jitter` from 0 to 1 spreads it by a tenth to either side.
    mutating func wait(after run: JobRun, jitter: Double) -> Duration {
        failures = run == .failed ? failures + 1 : 0
        idleRuns = run == .idled ? idleRuns + 1 : 0
        return length(after: run) * (0.9 + 0.2 * max(0, min(1, jitter)))
    }

    private func length(after run: JobRun) -> Duration {
        switch run {
        case .worked: interval
        case .idled: idleMax.map { min(interval * (1 << min(idleRuns, 10)), max($0, interval)) } ?? interval
        case .failed: interval * min(Self.backOffMax, 1 << min(failures, 10))
        }
    }
}
