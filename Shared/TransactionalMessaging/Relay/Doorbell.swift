import Synchronization

/// Wakes one waiter; rings while nobody waits count as one.
package final class Doorbell: Sendable {
    private struct State {
        var rung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// A bell nobody has rung.
    package init() {}

    /// Ends the wait that is, or the next one.
    package func ring() {
        let waiter = state.withLock { state in
            state.rung = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns at a ring, after `limit`, or at once when the task is cancelled; at times for no reason.
    package func wait(atMost limit: Duration) async {
        // The alarm rings the bell itself: one that comes late costs a look at an empty table, no more.
        let alarm = Task {
            try await Task.sleep(for: limit)
            ring()
        }
        defer { alarm.cancel() }
        await withTaskCancellationHandler(operation: waitForRing, onCancel: ring)
    }

    private func waitForRing() async {
        await withCheckedContinuation { continuation in
            let hasRung = state.withLock { state in
                guard state.rung else {
                    state.waiter = continuation
                    return false
                }
                state.rung = false
                return true
            }
            if hasRung { continuation.resume() }
        }
    }
}
