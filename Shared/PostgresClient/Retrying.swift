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

    /// Runs work on a connection: here and now when the caller is on a thread of the pool, else on one of them.
    private func perform<Answer: Sendable>(
        _ options: TransactionOptions,
        _ work: @escaping @Sendable (Connection) -> Result<Answer, TransactionFailure>
    ) async -> Result<Answer, TransactionFailure> {
        let ticket = Ticket()
        return await withTaskCancellationHandler {
            if let worker = Worker.current, worker.serves(self) { return worker.runHere(ticket, work) }
            return await withCheckedContinuation { continuation in
                submit(
                    ticket, options, .anything { continuation.resume(returning: work($0)) },
                    refuse: { continuation.resume(returning: .failure(TransactionFailure(error: $0))) })
            }
        } onCancel: {
            cancel(ticket)
        }
    }

    /// Reads with one statement; concurrent ones share round trips.
    func read<Value: Sendable>(
        _ sql: SQL, _ decode: @escaping @Sendable (Row) throws -> Value
    ) async throws -> [Value] {
        let ticket = Ticket()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<[Value], TransactionFailure>, Never>) in
                submit(
                    ticket, .readOnly, .read(sql) { continuation.resume(returning: $0.decoded(decode)) },
                    refuse: { continuation.resume(returning: .failure(TransactionFailure(error: $0))) })
            }
        } onCancel: {
            cancel(ticket)
        }
        switch outcome {
        case .success(let values): return values
        case .failure(let failure) where failure.again == .no: throw failure.error
        // What one read met, it may meet alone as well; there it is tried again with pauses.
        case .failure: return try await repeated(.readOnly) { $0.runAlone(sql, .readOnly).decoded(decode) }
        }
    }

    private func submit(
        _ ticket: Ticket, _ options: TransactionOptions, _ task: Work.Task,
        refuse: @escaping @Sendable (PostgresError) -> Void
    ) {
        let now = ContinuousClock.now
        let patience = options.poolWaitTimeout ?? settings.poolWaitTimeout
        submit(
            .work(
                Work(
                    ticket: ticket, place: options.place, waitsUntil: now + patience, enqueuedAt: now, task: task,
                    refuse: refuse)))
    }
}

extension Result<ResultSet, TransactionFailure> {
    func decoded<Value>(_ decode: (Row) throws -> Value) -> Result<[Value], TransactionFailure> {
        flatMap { result in
            Result<[Value], any Error> { try result.decoded(decode) }.mapError { TransactionFailure(error: $0) }
        }
    }
}
