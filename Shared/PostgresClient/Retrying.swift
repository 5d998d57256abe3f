extension Workers {
    /// Runs work on a connection, again while it only met other transactions, with growing pauses between.
    ///
    /// The pause is taken without a connection, and its length is drawn at random so that two that met do not meet
    /// again.
    func repeated<Answer: Sendable>(
        _ options: TransactionOptions,
        _ work: @escaping @Sendable (Connection) -> Result<Answer, TransactionFailure>
    ) async throws -> Answer {
        var attempt = 1
        while true {
            do {
                return try await perform(options, work).get()
            } catch {
                guard error.again != .no, attempt < options.attemptsMax, !Task.isCancelled else { throw error.error }
                metrics.countRetry()
                if error.again == .afterBackOff { try? await Task.sleep(for: Self.pause(afterAttempt: attempt)) }
                attempt += 1
            }
        }
    }

    /// Between half and all of 4 ms, doubled with each attempt, at most 250 ms.
    private static func pause(afterAttempt attempt: Int) -> Duration {
        let longest = min(4_000 << min(attempt - 1, 10), 250_000)
        return .microseconds(Int.random(in: longest / 2...longest))
    }

    private func perform<Answer: Sendable>(
        _ options: TransactionOptions,
        _ work: @escaping @Sendable (Connection) -> Result<Answer, TransactionFailure>
    ) async -> Result<Answer, TransactionFailure> {
        let ticket = Ticket()
        let now = ContinuousClock.now
        let patience = options.poolWaitTimeout ?? settings.poolWaitTimeout
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(
                    Job(
                        ticket: ticket, waitsUntil: now + patience, enqueuedAt: now,
                        work: { continuation.resume(returning: work($0)) },
                        refuse: { continuation.resume(returning: .failure(TransactionFailure(error: $0))) }))
            }
        } onCancel: {
            cancel(ticket)
        }
    }
}
