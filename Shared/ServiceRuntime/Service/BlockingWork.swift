import Dispatch
import HTTPServer
import PaymentModel
import Synchronization

/// Work that computes for seconds without a pause, such as reading a large file.
///
/// It has a thread of its own: on one of the few that all tasks share, as many imports as there are cores would stop
/// the relay, the consumers and the answers to probes. One piece is worked on at a time, which bounds memory too.
package final class BlockingWork: Sendable {
    private let queue: DispatchQueue
    private let waiting = Atomic<Int>(0)
    private let waitingMax: Int

    /// A thread with this name; more than `waitingMax` pieces at once are told to come back.
    package init(_ name: String, waitingMax: Int = 8) {
        queue = DispatchQueue(label: name)
        self.waitingMax = waitingMax
    }

    /// Whether one more piece would be turned away.
    package var isFull: Bool { waiting.load(ordering: .relaxed) >= waitingMax }

    /// Runs `work` on the thread, after what came before; a caller who has gone before its turn is passed over.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let isFull = waiting.add(1, ordering: .relaxed).newValue > waitingMax
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard !isFull else { throw Problem.retry(.overloaded, after: 5, detail: "Other files are being read.") }
        let turn = Turn()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                queue.async {
                    continuation.resume(with: Result { try turn.isGivenUp ? { throw CancellationError() }() : work() })
                }
            }
        } onCancel: {
            turn.giveUp()
        }
    }

    private final class Turn: Sendable {
        private let givenUp = Atomic<Bool>(false)

        var isGivenUp: Bool { givenUp.load(ordering: .relaxed) }

        func giveUp() { givenUp.store(true, ordering: .relaxed) }
    }
}
