extension Connection {
    /// Runs single reads in one round trip.
    ///
    /// They share an implicit transaction, so the failure of one fails all; each is then run alone and gets its own
    /// answer. Nobody's cancellation stops the others: each is short, and the statement time-out bounds it.
    func runTogether(_ works: [Work]) {
        let reads = works.compactMap { work -> (SQL, @Sendable (Result<ResultSet, TransactionFailure>) -> Void)? in
            if case .read(let sql, let finish) = work.task { (sql, finish) } else { nil }
        }
        guard reads.count > 1 else {
            for (sql, finish) in reads { finish(runAlone(sql, .readOnly)) }
            return
        }
        transaction = TransactionState(phase: .none, options: .readOnly)
        isInterruptible = false
        defer { isInterruptible = true }
        do throws(PostgresError) {
            let results = try exchange(reads.map(\.0))
            for (read, result) in zip(reads, results) { read.1(.success(result)) }
        } catch {
            for (sql, finish) in reads {
                finish(isLost ? .failure(TransactionFailure(error: error)) : runAlone(sql, .readOnly))
            }
        }
    }
}
