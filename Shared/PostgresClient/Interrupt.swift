import CPostgres

/// Wakes a thread that waits for the server, from any other thread.
final class Interrupt: Sendable {
    let descriptor: Int32
    private let fired = Guarded(false)

    init() { descriptor = qpg_wake_descriptor() }

    deinit { _ = qpg_close_descriptor(descriptor) }

    var isFired: Bool { fired.withLock { $0 } }

    func fire() {
        fired.withLock { fired in
            guard !fired else { return }
            fired = true
            qpg_wake(descriptor)
        }
    }

    func reset() {
        fired.withLock { fired in
            guard fired else { return }
            fired = false
            qpg_calm(descriptor)
        }
    }
}
