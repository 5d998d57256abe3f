import PaymentModel

/// Keeps the holder of a link from asking the provider more often than makes sense.
///
/// The link's addresses are open to whoever has it, and to programs that follow links; each look costs a call that
/// other clients of the clinic wait behind.
actor LinkLooks {
    private static let rememberedMax = 10_000

    private let pause: Duration
    private let time: TimeSource
    private var running: [PaymentID: Task<Void, any Error>] = [:]
    private var looked: [PaymentID: (at: Instant, failure: (any Error)?)] = [:]

    init(pause: Duration, time: TimeSource) {
        self.pause = pause
        self.time = time
    }

    /// Looks, waits for a look that is under way, or, when the last one is hardly over, does nothing.
    ///
    /// What that look found is there for whoever comes after it, and so is that it failed.
    func look(at id: PaymentID, _ ask: @escaping @Sendable () async throws -> Void) async throws {
        if let running = running[id] { return try await running.value }
        if let last = looked[id], time.now() - last.at < pause {
            if let failure = last.failure { throw failure }
            return
        }
        let task = Task { try await ask() }
        running[id] = task
        do {
            try await task.value
            note(id, failed: nil)
        } catch {
            note(id, failed: error)
            throw error
        }
    }

    private func note(_ id: PaymentID, failed failure: (any Error)?) {
        running[id] = nil
        let now = time.now()
        if looked.count >= Self.rememberedMax { looked = looked.filter { now - $0.value.at < pause } }
        looked[id] = (now, failure)
    }
}
