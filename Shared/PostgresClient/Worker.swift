import Logging

/// One thread with one connection.
///
/// Unchecked: `handed` is written and read with the lock of `Workers.state` held; the rest is constant.
final class Worker: @unchecked Sendable {
    let interrupt = Interrupt()
    let parking = Parking()
    var handed: Job?
    private let workers: Workers

    init(of workers: Workers) { self.workers = workers }

    /// Serves jobs until the pool closes; the connection is made when a job needs it.
    func run(first: Job) {
        var connection: Connection?
        var wasConnected = false
        var next: Job? = first
        while let job = next {
            if connection?.isStillOpen() != true {
                connection = nil
                if wasConnected, workers.reconnection == .never {
                    job.refuse(PostgresError(.connection, "the connection of this session was lost"))
                    next = takeNext()
                    continue
                }
                connection = connect(for: job)
                wasConnected = wasConnected || connection != nil
            }
            if let connection { job.work(connection) }
            next = takeNext()
        }
        connection = nil
        leave()
    }

    private func connect(for job: Job) -> Connection? {
        do {
            let connection = try Connection.open(workers.settings, interrupt: interrupt)
            workers.metrics.countConnect()
            return connection
        } catch {
            workers.logger.warning("no connection to the database", metadata: ["reason": "\(error.message)"])
            job.refuse(error)
            return nil
        }
    }

    /// The next job in line, or the one handed over while asleep; nil when the pool is closed.
    private func takeNext() -> Job? {
        while true {
            let step = workers.state.withLock { state -> Step in
                state.running[ObjectIdentifier(self)] = nil
                if let job = state.queue.popFirst() {
                    workers.begin(job, on: self, &state)
                    return .take(job)
                }
                workers.metrics.record(inUse: state.running.count)
                guard !state.isClosed else { return .leave }
                state.idle.append(self)
                return .sleep
            }
            switch step {
            case .take(let job): return job
            case .leave: return nil
            case .sleep: if let job = sleepUntilHanded() { return job }
            }
        }
    }

    private enum Step {
        case take(Job)
        case sleep
        case leave
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

    private func leave() {
        let waiting = workers.state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.threads -= 1
            guard state.threads == 0 else { return [] }
            defer { state.closing = [] }
            return state.closing
        }
        for continuation in waiting { continuation.resume() }
    }
}
