import KafkaClient
import Synchronization

/// Tells the loop which partitions it has to hand back, and the group when it has done so.
final class WorkInHand: Sendable {
    private struct State {
        var handedBack: Set<TopicPartition> = []
        var isBusy = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let doorbell: Doorbell
    private let stop: StopSignal

    /// Rings at the bell when something has to be handed back, so that no wait goes on for nothing.
    init(waking doorbell: Doorbell, stop: StopSignal) {
        self.doorbell = doorbell
        self.stop = stop
    }

    func begin() { state.withLock { $0.isBusy = true } }

    func finish() {
        let waiters = state.withLock { state in
            state.isBusy = false
            defer { state.waiters = [] }
            return state.waiters
        }
        waiters.forEach { $0.resume() }
    }

    func take(_ partitions: [TopicPartition]) {
        state.withLock { $0.handedBack.subtract(partitions) }
    }

    /// Returns when nothing of these partitions is being worked on any more.
    func handBack(_ partitions: [TopicPartition]) async {
        state.withLock { $0.handedBack.formUnion(partitions) }
        doorbell.ring()
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.isBusy { state.waiters.append(continuation) }
                return !state.isBusy
            }
            if isIdle { continuation.resume() }
        }
    }

    /// True when another member will do it.
    func isHandedBack(_ partition: TopicPartition) -> Bool {
        stop.isRequested || state.withLock { $0.handedBack.contains(partition) }
    }

    /// Waits, but no longer than there is something to wait for.
    func pause(_ wait: Duration, over partitions: Set<TopicPartition>) async {
        let end = ContinuousClock.now + wait
        while ContinuousClock.now < end, partitions.contains(where: { !isHandedBack($0) }) {
            await doorbell.wait(atMost: end - .now)
        }
    }
}
