import Synchronization

/// Tells work in hand that its time is over; one timer looks at all of it, since one for each would cost more than most
/// requests do, and a cancelled one stays in the runtime until it would have rung.
final class Deadlines: Sendable {
    static let shared = Deadlines()

    /// How late work may learn that its time is over.
    private static let lookEvery = Duration.milliseconds(20)

    private struct State {
        var last = 0
        var waiting: [Int: (end: ContinuousClock.Instant, tell: @Sendable () -> Void)] = [:]
        var isLooking = false
    }

    private let state = Mutex(State())

    /// Calls once when the time has come, unless the number is taken back before.
    func watch(until end: ContinuousClock.Instant, _ tell: @escaping @Sendable () -> Void) -> Int {
        let (number, mustLook) = state.withLock { state in
            state.last += 1
            state.waiting[state.last] = (end, tell)
            defer { state.isLooking = true }
            return (state.last, !state.isLooking)
        }
        if mustLook { Task { await look() } }
        return number
    }

    /// Takes a number back; false when its time had come.
    @discardableResult
    func forget(_ number: Int) -> Bool { state.withLock { $0.waiting.removeValue(forKey: number) != nil } }

    /// Looks until nothing waits, so that an idle service does nothing.
    private func look() async {
        while let over = takeOver() {
            for tell in over { tell() }
            try? await Task.sleep(for: Self.lookEvery)
        }
    }

    private func takeOver() -> [@Sendable () -> Void]? {
        let now = ContinuousClock.now
        return state.withLock { state in
            let over = state.waiting.filter { $0.value.end <= now }
            for number in over.keys { state.waiting[number] = nil }
            state.isLooking = !state.waiting.isEmpty || !over.isEmpty
            return state.isLooking ? over.values.map(\.tell) : nil
        }
    }
}
