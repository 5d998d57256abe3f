import Synchronization

/// Tells everything that lives long, such as a live stream, that the server is stopping.
final class StopSignal: Sendable {
    private struct State {
        var isStopping = false
        var next = 0
        var waiting: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    /// Whether the server is stopping.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Stops; what asked to be told is told once.
    func stop() {
        let waiting = state.withLock { state in
            state.isStopping = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for (_, tell) in waiting { tell() }
    }

    /// Asks to be told, at once when it is too late already; the number takes the wish back.
    func onStop(_ tell: @escaping @Sendable () -> Void) -> Int {
        let number: Int? = state.withLock { state in
            guard !state.isStopping else { return nil }
            state.next += 1
            state.waiting[state.next] = tell
            return state.next
        }
        guard let number else {
            tell()
            return 0
        }
        return number
    }

    /// No longer asks to be told.
    func forget(_ number: Int) { state.withLock { $0.waiting[number] = nil } }
}
