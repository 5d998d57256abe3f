package import Logging
import Metrics
import Observability
import ServiceLifecycle
import TransactionalMessaging

/// Runs the jobs of a service until it stops; a run in hand is finished first.
package struct JobRunner: Service {
    private let jobs: [Job]
    private let leads: @Sendable () async -> Bool
    private let sleep: @Sendable (Duration) async throws -> Void
    private let jitter: @Sendable () -> Double
    private let logger: Logger

    /// A runner; `leads` says whether this instance is the one for exclusive jobs.
    package init(
        _ jobs: [Job], logger: Logger, leads: @escaping @Sendable () async -> Bool = { true },
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.jobs = jobs
        self.leads = leads
        self.sleep = sleep
        self.jitter = jitter
        self.logger = logger
    }

    /// Runs until a graceful shutdown.
    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for job in jobs { group.addTask { await repeatedly(job) } }
            // Without jobs there is nothing to do but not to end, which would stop the others.
            try? await gracefulShutdown()
        }
    }

    private func repeatedly(_ job: Job) async {
        var schedule = JobSchedule(interval: job.interval, idleMax: job.idleMax)
        var wait = schedule.firstWait(jitter: jitter())
        var run = JobRun.worked
        // What failed waits its time out: a bell would have it fail as often as it rings.
        while await pause(wait, run == .failed ? nil : job.doorbell) {
            run = await once(job)
            wait = schedule.wait(after: run, jitter: jitter())
            if run == .failed {
                logger.notice(
                    "job is tried again later",
                    metadata: [
                        LogField.job: .string(job.name), LogField.attempt: .stringConvertible(schedule.failures),
                    ])
            }
        }
    }

    /// Waits; false when the service is stopping.
    private func pause(_ wait: Duration, _ doorbell: Doorbell?) async -> Bool {
        do {
            try await cancelWhenGracefulShutdown {
                guard let doorbell else { return try await sleep(wait) }
                await doorbell.wait(atMost: wait)
            }
        } catch {
            return false
        }
        return !Task.isCancelled && !Task.isShuttingDownGracefully
    }

    private func once(_ job: Job) async -> JobRun {
        if job.isExclusive, !(await leads()) { return .idled }
        let start = ContinuousClock.now
        do {
            let hasWorked = try await job.work()
            measure(job, "well", since: start)
            return hasWorked ? .worked : .idled
        } catch {
            logger.error(
                "job failed", metadata: [LogField.job: .string(job.name), LogField.reason: .string("\(error)")])
            measure(job, "failed", since: start)
            return .failed
        }
    }

    private func measure(_ job: Job, _ outcome: String, since start: ContinuousClock.Instant) {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        Timer(label: "quittance_job_run", dimensions: [("job", job.name), ("outcome", outcome)])
            .recordNanoseconds(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
    }
}
