import ServiceLifecycle
import Synchronization

/// Says that no new work is to be begun; what is in hand is finished.
final class StopSignal: Sendable {
    private let requested = Atomic(false)
    private let doorbell: Doorbell

    /// Wakes whoever waits at this bell.
    init(waking doorbell: Doorbell) {
        self.doorbell = doorbell
    }

    var isRequested: Bool { requested.load(ordering: .relaxed) || Task.isCancelled }

    func request() {
        requested.store(true, ordering: .relaxed)
        doorbell.ring()
    }

    /// Runs work that ends by itself soon after the process was asked to stop.
    func duringShutdown(_ work: @Sendable () async throws -> Void) async rethrows {
        try await withGracefulShutdownHandler(operation: work, onGracefulShutdown: request)
    }
}
