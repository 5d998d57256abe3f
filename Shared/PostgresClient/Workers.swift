import Logging

/// Threads that each own one connection and take jobs from one queue.
///
/// A job goes straight to an idle thread, or waits in line; a busy thread that ends its job takes the next without any
/// hand-over, so a saturated pool has no idle moments. The last thread to become idle is the first to be used again,
/// so a quiet pool keeps few connections warm.
final class Workers: Sendable {
    /// What happens when a connection is lost.
    enum Reconnection { case replaces, never }

    struct State {
        var queue = JobQueue()
        var idle: [Worker] = []
        var threads = 0
        var running: [ObjectIdentifier: (ticket: Ticket, interrupt: Interrupt)] = [:]
        var isClosed = false
        var wardenIsAwake = false
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    let settings: PostgresSettings
    let limit: Int
    let reconnection: Reconnection
    let logger: Logger
    let metrics: PoolMetrics
    let state = Guarded(State())
    private let wardenParking = Parking()

    init(_ settings: PostgresSettings, limit: Int, reconnection: Reconnection, logger: Logger, metrics: PoolMetrics) {
        self.settings = settings
        self.limit = limit
        self.reconnection = reconnection
        self.logger = logger
        self.metrics = metrics
    }

    /// What to do with a new job, decided under the lock and done outside it.
    private enum Placement {
        case handed(Worker)
        case needsThread
        case queued(wakesWarden: Bool)
        case refused(PostgresError)
    }

    func submit(_ job: Job) {
        switch state.withLock({ place(job, in: &$0) }) {
        case .handed(let worker): worker.parking.wake()
        case .needsThread: startWorker(with: job)
        case .queued(let wakesWarden): if wakesWarden { startWarden() }
        case .refused(let error):
            metrics.countRefusal()
            job.refuse(error)
        }
    }

    private func place(_ job: Job, in state: inout State) -> Placement {
        guard !state.isClosed else { return .refused(PostgresError(.closed, "the pool is closed")) }
        guard !job.ticket.isCancelled else {
            return .refused(PostgresError(.cancelled, "cancelled before it began"))
        }
        if let worker = state.idle.popLast() {
            worker.handed = job
            begin(job, on: worker, &state)
            return .handed(worker)
        }
        if state.threads < limit {
            state.threads += 1
            return .needsThread
        }
        guard state.queue.count < settings.poolWaitersMax else {
            return .refused(PostgresError(.poolExhausted, "too many callers wait for a connection"))
        }
        state.queue.append(job)
        let wakesWarden = !state.wardenIsAwake
        state.wardenIsAwake = true
        return .queued(wakesWarden: wakesWarden)
    }

    func begin(_ job: Job, on worker: Worker, _ state: inout State) {
        worker.interrupt.reset()
        state.running[ObjectIdentifier(worker)] = (job.ticket, worker.interrupt)
        if job.ticket.isCancelled { worker.interrupt.fire() }
        metrics.record(inUse: state.running.count)
    }

    private func startWorker(with job: Job) {
        let worker = Worker(of: self)
        state.withLock { begin(job, on: worker, &$0) }
        startThread(named: "postgres") { worker.run(first: job) }
    }

    /// Stops a job: one in line leaves it, one that runs is interrupted.
    func cancel(_ ticket: Ticket) {
        ticket.cancel()
        let waiting = state.withLock { state in
            if let job = state.queue.remove(ticket) { return job as Job? }
            for running in state.running.values where running.ticket === ticket { running.interrupt.fire() }
            return nil
        }
        waiting?.refuse(PostgresError(.cancelled, "cancelled while waiting for a connection"))
    }

    // MARK: Waiting callers

    /// Watches the time limit of those in line; runs only while somebody waits.
    private func startWarden() {
        startThread(named: "postgres-wait") { [self] in
            while let pause = refuseExpired() { wardenParking.sleep(for: pause) }
        }
    }

    /// Refuses who waited too long; answers how long until the next must be, nil when nobody waits.
    private func refuseExpired() -> Duration? {
        let now = ContinuousClock.now
        let (expired, pause) = state.withLock { state -> ([Job], Duration?) in
            let expired = state.queue.removeAll(waitingUntil: now)
            metrics.record(waiting: state.queue.count)
            guard let first = state.queue.first else {
                state.wardenIsAwake = false
                return (expired, nil)
            }
            return (expired, min(first.waitsUntil - now, .milliseconds(100)))
        }
        for job in expired {
            metrics.countRefusal()
            job.refuse(
                PostgresError(.poolExhausted, "no connection became free within \(job.waitsUntil - job.enqueuedAt)"))
        }
        return pause
    }

    // MARK: End

    /// Takes nothing in, finishes what is in hand within the limit, then interrupts it; answers when all is closed.
    func close(within limit: Duration) async {
        let idle = stopTakingIn()
        for worker in idle { worker.parking.wake() }
        let hurry = Task {
            try await Task.sleep(for: limit)
            interruptAll()
        }
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.threads > 0 { state.closing.append(continuation) }
                return state.threads == 0
            }
            if isDone { continuation.resume() }
        }
        hurry.cancel()
    }

    /// Closes without waiting; for owners that are forgotten rather than closed.
    func abandon() {
        for worker in stopTakingIn() { worker.parking.wake() }
    }

    private func stopTakingIn() -> [Worker] {
        state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
    }

    private func interruptAll() {
        let waiting = state.withLock { state -> [Job] in
            for running in state.running.values { running.interrupt.fire() }
            return state.queue.removeAll(waitingUntil: .now + .seconds(1_000_000))
        }
        for job in waiting { job.refuse(PostgresError(.closed, "the pool was closed before a connection became free")) }
    }
}
