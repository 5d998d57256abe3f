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
    private var looked: [PaymentID: (at: Instant, result: Result<Void, any Error>)] = [:]

    init(pause: Duration, time: TimeSource) {
        self.pause = pause
        self.time = time
    }

    /// Looks, waits for a look that is under way, or, when the last one is hardly over, does nothing.
    ///
    /// What that look found is there for whoever comes after it, and so is that it failed.
    func look(at id: PaymentID, _ ask: @escaping @Sendable () async throws -> Void) async throws {
        if let running = running[id] { return try await running.value }
        if let last = looked[id], time.now() - last.at < pause { return try last.result.get() }
        let task = Task { try await ask() }
        running[id] = task
        let result = await task.result
        note(result, of: id)
        try result.get()
    }

    private func note(_ result: Result<Void, any Error>, of id: PaymentID) {
        running[id] = nil
        let now = time.now()
        if looked.count >= Self.rememberedMax { looked = looked.filter { now - $0.value.at < pause } }
        looked[id] = (now, result)
    }
}
