/// What a caller wants done on a connection, and how to tell it that it cannot be.
struct Job: Sendable {
    let ticket: Ticket
    let waitsUntil: ContinuousClock.Instant
    let enqueuedAt: ContinuousClock.Instant
    let work: @Sendable (Connection) -> Void
    let refuse: @Sendable (PostgresError) -> Void
}

/// Tells one job from another, and carries the wish of its caller to stop it.
final class Ticket: Sendable {
    private let cancelled = Guarded(false)

    var isCancelled: Bool { cancelled.withLock { $0 } }

    func cancel() { cancelled.withLock { $0 = true } }
}

/// A first-in first-out queue whose entries may also be taken from the middle.
struct JobQueue {
    private var jobs: [Job] = []
    private var head = 0

    var count: Int { jobs.count - head }
    var first: Job? { head < jobs.count ? jobs[head] : nil }

    mutating func append(_ job: Job) { jobs.append(job) }

    mutating func popFirst() -> Job? {
        guard let job = first else { return nil }
        head += 1
        // Taken entries are dropped in bulk, so that taking one stays cheap.
        if head == jobs.count || head >= 1_024 {
            jobs.removeFirst(head)
            head = 0
        }
        return job
    }

    mutating func remove(_ ticket: Ticket) -> Job? {
        guard let index = jobs[head...].firstIndex(where: { $0.ticket === ticket }) else { return nil }
        return jobs.remove(at: index)
    }

    mutating func removeAll(waitingUntil time: ContinuousClock.Instant) -> [Job] {
        let expired = jobs[head...].filter { $0.waitsUntil <= time }
        guard !expired.isEmpty else { return [] }
        jobs = jobs[head...].filter { $0.waitsUntil > time }
        head = 0
        return expired
    }
}
