/// What a thread of the pool is asked to do.
enum Job: Sendable {
    /// A body on a connection.
    case work(Work)
    /// A step of a task that prefers to run on the pool's threads.
    case step(UnownedJob)

    var isRead: Bool {
        if case .work(let work) = self, case .read = work.task { true } else { false }
    }

    var isUrgent: Bool { if case .work(let work) = self { work.place == .first } else { false } }

    func isRead(heldSince time: ContinuousClock.Instant) -> Bool {
        if case .work(let work) = self, case .read = work.task { work.enqueuedAt <= time } else { false }
    }
}

/// What a caller wants done on a connection, and how to tell it that it cannot be.
struct Work: Sendable {
    /// What is done: anything, or one statement that may share its round trip with others.
    enum Task: Sendable {
        case anything(@Sendable (Connection) -> Void)
        case read(SQL, @Sendable (Result<ResultSet, TransactionFailure>) -> Void)
    }

    let ticket: Ticket
    let place: TransactionOptions.Place
    let waitsUntil: ContinuousClock.Instant
    let enqueuedAt: ContinuousClock.Instant
    let task: Task
    let refuse: @Sendable (PostgresError) -> Void
}

/// Tells one piece of work from another, and carries the wish of its caller to stop it.
final class Ticket: Sendable {
    private let cancelled = Guarded(false)

    var isCancelled: Bool { cancelled.withLock { $0 } }

    func cancel() { cancelled.withLock { $0 = true } }
}

/// A first-in first-out queue whose entries may also be taken from the middle; urgent ones stand before the others.
struct JobQueue {
    private var jobs: [Job] = []
    private var head = 0

    var count: Int { jobs.count - head }
    var first: Job? { head < jobs.count ? jobs[head] : nil }

    /// Puts a job in line: behind the others, or behind the urgent ones that wait already.
    mutating func append(_ job: Job) {
        guard job.isUrgent else { return jobs.append(job) }
        jobs.insert(job, at: jobs[head...].firstIndex { !$0.isUrgent } ?? jobs.endIndex)
    }

    mutating func popFirst() -> Job? {
        guard head < jobs.count else { return nil }
        let job = jobs[head]
        head += 1
        // Taken entries are dropped in bulk, so that taking one stays cheap.
        if head == jobs.count || head >= 1_024 {
            jobs.removeFirst(head)
            head = 0
        }
        return job
    }

    /// Takes the reads at the head of the line, at most so many.
    mutating func popReads(atMost limit: Int) -> [Work] {
        var reads: [Work] = []
        while reads.count < limit, head < jobs.count, case .work(let work) = jobs[head], case .read = work.task {
            reads.append(work)
            _ = popFirst()
        }
        return reads
    }

    mutating func remove(_ ticket: Ticket) -> Work? {
        for index in jobs[head...].indices {
            guard case .work(let work) = jobs[index], work.ticket === ticket else { continue }
            jobs.remove(at: index)
            return work
        }
        return nil
    }

    mutating func removeAll(waitingUntil time: ContinuousClock.Instant) -> [Work] {
        var expired: [Work] = []
        let kept = jobs[head...].filter { job in
            guard case .work(let work) = job, work.waitsUntil <= time else { return true }
            expired.append(work)
            return false
        }
        guard !expired.isEmpty else { return [] }
        jobs = kept
        head = 0
        return expired
    }
}
