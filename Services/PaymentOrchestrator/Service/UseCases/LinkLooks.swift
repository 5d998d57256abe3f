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
    private var lookedAt: [PaymentID: Instant] = [:]

    init(pause: Duration, time: TimeSource) {
        self.pause = pause
        self.time = time
    }

    /// Looks, waits for a look that is under way, or, when the last one is hardly over, does nothing.
    func look(at id: PaymentID, _ ask: @escaping @Sendable () async throws -> Void) async throws {
        if let running = running[id] { return try await running.value }
        if let last = lookedAt[id], time.now() - last < pause { return }
        let task = Task { try await ask() }
        running[id] = task
        defer { note(id) }
        try await task.value
    }

    private func note(_ id: PaymentID) {
        running[id] = nil
        let now = time.now()
        if lookedAt.count >= Self.rememberedMax { lookedAt = lookedAt.filter { now - $0.value < pause } }
        lookedAt[id] = now
    }
}
