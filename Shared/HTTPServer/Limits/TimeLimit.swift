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
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            if let value = try await group.next() ?? nil { return value }
            group.cancelAll()
            do {
                guard let value = try await group.next() ?? nil else { throw Exceeded() }
                return value
            } catch is CancellationError {
                throw Exceeded()
            }
        }
    }
}
