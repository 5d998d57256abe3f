/// Ends work that takes too long.
enum TimeLimit {
    /// The work was not done in time.
    struct Exceeded: Error {}

    /// Runs `work` and cancels it after `limit`.
    ///
    /// The work is waited for also after it was cancelled, so nothing goes on behind an answer that was given; what it
    /// still answers counts, since it was done.
    static func run<Value: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let end = ContinuousClock.now + limit
        // At once, since most work never waits: another thread would have to be woken for it. What never waits is not
        // ended either.
        let task = Task.immediate { try await work() }
        let watch = Deadlines.shared.watch(until: end) { task.cancel() }
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
        let wasInTime = Deadlines.shared.forget(watch)
        do {
            return try result.get()
        } catch is CancellationError where !wasInTime {
            throw Exceeded()
        }
    }
}
