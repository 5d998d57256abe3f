import CPostgres
import Logging

/// One thread with one connection.
///
/// Unchecked: `handed` is written and read with the lock of `Workers.state` held; `connection` and `wasConnected` are
/// touched by the worker's own thread only; the rest is constant.
final class Worker: @unchecked Sendable {
    let interrupt = Interrupt()
    let parking = Parking()
    var handed: Job?
    private let workers: Workers
    private var connection: Connection?
    private var wasConnected = false

    /// Reads that share one round trip at most.
    private static let sharedReadsMax = 64

    init(of workers: Workers) { self.workers = workers }

    func serves(_ workers: Workers) -> Bool { self.workers === workers }

    /// Serves jobs until the pool closes; the connection is made when a job needs it.
    func run(first: Job) {
        Self.becomeCurrent(self)
        var next: [Job] = [first]
        while !next.isEmpty {
            serve(next)
            next = takeNext()
        }
        connection = nil
    }

    /// Serves one job, or several reads together.
    private func serve(_ jobs: [Job]) {
        if jobs.count == 1, case .step(let step) = jobs[0] {
            return unsafe step.runSynchronously(on: workers.asUnownedTaskExecutor())
        }
        let works = jobs.compactMap { job in if case .work(let work) = job { work } else { nil } }
        do {
            let connection = try readyConnection()
            defer { workers.metrics.count(connection.takeTraffic()) }
            if works.count == 1, case .anything(let body) = works[0].task { return body(connection) }
            connection.runTogether(works)
        } catch {
            for work in works { work.refuse(error) }
        }
    }

    /// Runs a body for a task that is on this thread already.
    func runHere<Answer>(
        _ ticket: Ticket, _ body: (Connection) -> Result<Answer, TransactionFailure>
    ) -> Result<Answer, TransactionFailure> {
        let isClosed = workers.state.withLock { state in
            if !state.isClosed { workers.begin(ticket, on: self, &state) }
            return state.isClosed
        }
        guard !isClosed else {
            return .failure(TransactionFailure(error: PostgresError(.closed, "the pool is closed")))
        }
        defer { workers.state.withLock { $0.running[ObjectIdentifier(self)] = nil } }
        do {
            let connection = try readyConnection()
            defer { workers.metrics.count(connection.takeTraffic()) }
            return body(connection)
        } catch {
            return .failure(TransactionFailure(error: error))
        }
    }

    // MARK: Connection

    private func readyConnection() throws(PostgresError) -> Connection {
        if let connection, connection.isStillOpen() { return connection }
        connection = nil
        guard !wasConnected || workers.reconnection == .replaces else {
            throw PostgresError(.connection, "the connection of this session was lost")
        }
        do throws(PostgresError) {
            let opened = try Connection.open(workers.settings, interrupt: interrupt)
            workers.metrics.countConnect()
            connection = opened
            wasConnected = true
            return opened
        } catch {
            workers.logger.warning("no connection to the database", metadata: ["reason": "\(error.message)"])
            var error = error
            error.hasNotBegun = true
            throw error
        }
    }

    // MARK: Next

    private enum Step {
        case take([Job])
        case sleep
        case leave([CheckedContinuation<Void, Never>])
    }

    /// The next job in line, with the reads behind it if it is one, or what is handed over; nothing when the pool ends.
    private func takeNext() -> [Job] {
        // One that cannot be used again is closed now: idle, it would keep its transaction's locks until somebody came.
        if let connection, !connection.isReusable { self.connection = nil }
        while true {
            switch workers.state.withLock({ step(&$0) }) {
            case .take(let jobs):
                recordWaits(of: jobs)
                return jobs
            case .sleep: if let job = sleepUntilHanded() { return [job] }
            case .leave(let waiting):
                for continuation in waiting { continuation.resume() }
                return []
            }
        }
    }

    private func recordWaits(of jobs: [Job]) {
        for case .work(let work) in jobs { workers.metrics.recordWait(.now - work.enqueuedAt) }
    }

    private func step(_ state: inout Workers.State) -> Step {
        state.running[ObjectIdentifier(self)] = nil
        state.reading.remove(ObjectIdentifier(self))
        if let job = state.queue.popFirst() {
            workers.begin(job, on: self, &state)
            guard case .work(let work) = job, case .read = work.task else { return .take([job]) }
            return .take([job] + state.queue.popReads(atMost: Self.sharedReadsMax - 1).map(Job.work))
        }
        workers.metrics.record(inUse: state.running.count)
        guard !state.isClosed else {
            // In the same breath as the look at the queue, or a step put in line now would find nobody.
            state.threads -= 1
            guard state.threads == 0 else { return .leave([]) }
            defer { state.closing = [] }
            return .leave(state.closing)
        }
        state.idle.append(self)
        return .sleep
    }

    /// Sleeps until a job is handed over; nil when woken because the pool closes.
    private func sleepUntilHanded() -> Job? {
        while true {
            parking.sleep()
            let (job, isClosed) = workers.state.withLock { state in
                defer { handed = nil }
                return (handed, state.isClosed)
            }
            if job != nil || isClosed { return job }
        }
    }

    // MARK: The worker of this thread

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }()

    /// The worker whose thread runs the caller, if it is one.
    static var current: Worker? {
        guard let raw = unsafe pthread_getspecific(key) else { return nil }
        return unsafe Unmanaged<Worker>.fromOpaque(raw).takeUnretainedValue()
    }

    /// The thread keeps the worker alive for as long as it runs, so the mark never dangles.
    private static func becomeCurrent(_ worker: Worker) {
        unsafe pthread_setspecific(key, Unmanaged.passUnretained(worker).toOpaque())
    }
}
