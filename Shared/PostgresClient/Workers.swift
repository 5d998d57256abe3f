import Logging

/// Threads that each own one connection and take jobs from one queue.
///
/// A job goes straight to an idle thread, or waits in line; a busy thread that ends its job takes the next without any
/// hand-over, so a saturated pool has no idle moments. The last thread to become idle is the first to be used again,
/// so a quiet pool keeps few connections warm.
final class Workers: TaskExecutor {
    /// What happens when a connection is lost.
    enum Reconnection { case replaces, never }

    struct State {
        var queue = JobQueue()
        var idle: [Worker] = []
        var threads = 0
        var running: [ObjectIdentifier: (ticket: Ticket, interrupt: Interrupt)] = [:]
        /// Which threads run single reads.
        var reading: Set<ObjectIdentifier> = []
        var isClosed = false
        var wardenIsAwake = false
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    /// While so many threads run reads, further reads wait for one of them: they will share its next round trip.
    private static let readersMax = 2
    /// A read that was held back for longer goes to a free thread: the readers are slow.
    private static let heldBackMax = Duration.milliseconds(2)

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
        case refused(Work, PostgresError)
    }

    func submit(_ job: Job) {
        carryOut(state.withLock { place(job, in: &$0) }, of: job)
    }

    private func carryOut(_ placement: Placement, of job: Job) {
        switch placement {
        case .handed(let worker): worker.parking.wake()
        case .needsThread: startWorker(with: job)
        case .queued(let wakesWarden): if wakesWarden { startWarden() }
        case .refused(let work, let error):
            metrics.countRefusal()
            work.refuse(error)
        }
    }

    private func place(_ job: Job, in state: inout State) -> Placement {
        if case .work(let work) = job, let error = refusal(of: work, state) { return .refused(work, error) }
        let isHeldBack = job.isRead && state.reading.count >= Self.readersMax
        if !isHeldBack, let placement = occupy(with: job, &state) { return placement }
        state.queue.append(job)
        let wakesWarden = !state.wardenIsAwake
        state.wardenIsAwake = true
        return .queued(wakesWarden: wakesWarden)
    }

    /// Gives a job to a thread that is free, or makes room for one more thread.
    private func occupy(with job: Job, _ state: inout State) -> Placement? {
        if let worker = state.idle.popLast() {
            worker.handed = job
            begin(job, on: worker, &state)
            return .handed(worker)
        }
        // A step of a task cannot be refused: after the end, a thread is made for it alone.
        guard state.threads < (state.isClosed ? 1 : limit) else { return nil }
        state.threads += 1
        return .needsThread
    }

    /// Why work is not even put in line.
    func refusal(of work: Work, _ state: State) -> PostgresError? {
        if state.isClosed { return PostgresError(.closed, "the pool is closed") }
        if work.ticket.isCancelled { return PostgresError(.cancelled, "cancelled before it began") }
        guard state.queue.count < settings.poolWaitersMax else {
            return PostgresError(.poolExhausted, "too many callers wait for a connection")
        }
        return nil
    }

    func begin(_ job: Job, on worker: Worker, _ state: inout State) {
        guard case .work(let work) = job else { return }
        if job.isRead { state.reading.insert(ObjectIdentifier(worker)) }
        begin(work.ticket, on: worker, &state)
    }

    /// Notes who runs where, so that a cancelled task finds its connection.
    func begin(_ ticket: Ticket, on worker: Worker, _ state: inout State) {
        worker.interrupt.reset()
        state.running[ObjectIdentifier(worker)] = (ticket, worker.interrupt)
        if ticket.isCancelled { worker.interrupt.fire() }
        metrics.record(inUse: state.running.count)
    }

    private func startWorker(with job: Job) {
        let worker = Worker(of: self)
        state.withLock { begin(job, on: worker, &$0) }
        startThread(named: "postgres") { worker.run(first: job) }
    }

    /// Runs a step of a task that prefers the pool's threads.
    func enqueue(_ job: consuming ExecutorJob) { submit(.step(UnownedJob(job))) }

    /// Stops a job: one in line leaves it, one that runs is interrupted.
    func cancel(_ ticket: Ticket) {
        ticket.cancel()
        let waiting = state.withLock { state in
            if let work = state.queue.remove(ticket) { return work as Work? }
            for running in state.running.values where running.ticket === ticket { running.interrupt.fire() }
            return nil
        }
        waiting?.refuse(PostgresError(.cancelled, "cancelled while waiting for a connection"))
    }

    // MARK: Waiting callers

    /// Watches the time limit of those in line; runs only while somebody waits.
    private func startWarden() {
        startThread(named: "postgres-wait") { [self] in
            while let pause = refuseExpired() {
                wardenParking.sleep(for: pause)
                releaseHeldBack()
            }
        }
    }

    /// Refuses who waited too long; answers how long until the next must be, nil when nobody waits.
    private func refuseExpired() -> Duration? {
        let now = ContinuousClock.now
        let (expired, somebodyWaits) = state.withLock { state -> ([Work], Bool) in
            let expired = state.queue.removeAll(waitingUntil: now)
            metrics.record(waiting: state.queue.count)
            state.wardenIsAwake = state.queue.count > 0
            return (expired, state.wardenIsAwake)
        }
        for job in expired {
            metrics.countRefusal()
            job.refuse(
                PostgresError(.poolExhausted, "no connection became free within \(job.waitsUntil - job.enqueuedAt)"))
        }
        return somebodyWaits ? Self.heldBackMax : nil
    }

    /// Gives reads that waited for a slow reader to threads that are free.
    private func releaseHeldBack() {
        let since = ContinuousClock.now - Self.heldBackMax
        while let (job, placement) = state.withLock({ state -> (Job, Placement)? in
            guard let job = state.queue.first, job.isRead(heldSince: since),
                let placement = occupy(with: job, &state)
            else { return nil }
            _ = state.queue.popFirst()
            return (job, placement)
        }) {
            carryOut(placement, of: job)
        }
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
        let waiting = state.withLock { state -> [Work] in
            for running in state.running.values { running.interrupt.fire() }
            return state.queue.removeAll(waitingUntil: .now + .seconds(1_000_000))
        }
        for job in waiting { job.refuse(PostgresError(.closed, "the pool was closed before a connection became free")) }
    }
}
