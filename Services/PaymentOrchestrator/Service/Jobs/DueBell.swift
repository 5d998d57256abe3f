import PaymentModel
import Synchronization
import TransactionalMessaging

/// Wakes whoever asks about payments as soon as the next one is due, so that nobody looks while none is.
///
/// It knows the times this process set, and the next there was at its last look. What another process set since, or one
/// that died, is found by a look that comes all the same.
final class DueBell: Sendable {
    private struct State {
        var next: Instant?
        var alarm: Task<Void, Never>?
    }

    /// How seldom it is looked by itself while nothing is due: with the first pause before a provider is asked this is
    /// less than five seconds, also for what another process set that died.
    static let idleMax = Duration.milliseconds(1_750)
    /// Two clocks are not one, and the database keeps microseconds.
    private static let grace = Duration.milliseconds(5)

    /// Rung when a payment is due.
    let doorbell = Doorbell()
    /// Before a ring at least: what is due meanwhile is looked at together.
    private let pause: Duration
    /// What is due later is seen by a look before.
    private let horizon: Duration
    private let time: TimeSource
    private let state = Mutex(State())

    /// `interval` is the job's: while nothing is due it looks that seldom at least.
    init(every interval: Duration, time: TimeSource) {
        pause = min(interval, .seconds(1))
        horizon = max(Self.idleMax, interval) * 2
        self.time = time
    }

    /// A payment is due then; what is due later than the next look or two is theirs to tell of.
    func expect(_ due: Instant?) {
        guard let due else { return }
        let wait = due - time.now()
        guard wait < horizon else { return }
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
        // One that was set for an earlier time rings instead.
        let isReplaced = state.withLock { state -> Bool in
            guard state.next == due else { return true }
            (state.next, state.alarm) = (nil, nil)
            return false
        }
        guard !isReplaced else { return }
        doorbell.ring()
    }
}
