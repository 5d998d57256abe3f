import Glibc

/// Threads of our own for calls that block, which must never happen on the pool that runs Swift's tasks.
enum OwnThread {
    /// Runs the body on a new thread, which ends with it.
    static func start(_ body: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Box(body)).toOpaque()
        var thread = pthread_t()
        let failure = unsafe pthread_create(&thread, nil, threadMain, box)
        precondition(failure == 0, "the system has no thread left (\(failure))")
        pthread_detach(thread)
    }

    /// Runs a blocking body on a thread of its own and waits for its answer without blocking ours.
    static func run<Answer: Sendable>(
        _ body: @escaping @Sendable () throws(KafkaError) -> Answer
    ) async throws(KafkaError) -> Answer {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Answer, KafkaError>, _>) in
            start { continuation.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }

    fileprivate final class Box: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

private func threadMain(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw = unsafe raw else { return nil }
    unsafe Unmanaged<OwnThread.Box>.fromOpaque(raw).takeRetainedValue().body()
    return nil
}
