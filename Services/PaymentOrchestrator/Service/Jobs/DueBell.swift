import PaymentModel
import Synchronization
import TransactionalMessaging

/// Wakes whoever asks about payments as soon as the next one is due, so that nobody looks while none is.
///
/// It knows the times this process set, and the earliest there was at its last look. What a process set that died since
/// is found by a look that comes all the same.
final class DueBell: Sendable {
    private struct State {
        var next: Instant?
        var alarm: Task<Void, Never>?
    }

    /// How seldom it is looked by itself while nothing is due.
    static let idleMax = Duration.seconds(5)
    /// Two clocks are not one, and the database keeps microseconds.
    private static let grace = Duration.milliseconds(5)

    /// Rung when a payment is due.
    let doorbell = Doorbell()
    /// Before a ring at least: what is due meanwhile is looked at together.
    private let pause: Duration
    private let time: TimeSource
    private let state = Mutex(State())

    init(pause: Duration, time: TimeSource) {
        self.pause = pause
        self.time = time
    }

    /// A payment is due then; what is due later than the next look is that one's to tell of.
    func expect(_ due: Instant?) {
        guard let due else { return }
        let wait = due - time.now()
        guard wait < Self.idleMax * 2 else { return }
        let alarm = state.withLock { state -> Task<Void, Never>? in
            if let next = state.next, next <= due { return nil }
            let later = state.alarm
            state.next = due
            state.alarm = Task { await ring(at: due, after: max(pause, wait) + Self.grace) }
            return later
        }
        alarm?.cancel()
    }

    private func ring(at due: Instant, after wait: Duration) async {
        do { try await Task.sleep(for: wait) } catch { return }
        state.withLock { state in
            guard state.next == due else { return }
            (state.next, state.alarm) = (nil, nil)
        }
        doorbell.ring()
    }
}
