import CPostgres

/// Where the transaction of the running body stands.
struct TransactionState {
    enum Phase { case none, requested, open }

    var phase = Phase.none
    var options = TransactionOptions.readWrite
    /// Statements that travel with the next exchange.
    var later: [SQL] = []
    /// The first failure since the transaction or its innermost savepoint began.
    var failure: PostgresError?
    var savepoints = 0
}

/// How a body ended that did not commit.
struct TransactionFailure: Error {
    enum Again { case no, atOnce, afterBackOff }

    let error: any Error
    var again = Again.no
}

extension Connection {
    /// Runs a body in a transaction: `BEGIN` goes with its first statement, nothing at all when it has none.
    func run<Answer>(
        _ options: TransactionOptions, _ body: (inout PostgresTransaction) throws -> Answer
    ) -> Result<Answer, TransactionFailure> {
        transaction = TransactionState(phase: .requested, options: options)
        var lent = PostgresTransaction(self)
        do {
            let answer = try body(&lent)
            try commit()
            transaction.phase = .none
            return .success(answer)
        } catch {
            let again = advice()
            rollBack()
            return .failure(TransactionFailure(error: error, again: again))
        }
    }

    /// Runs one statement as a transaction of its own, in one round trip.
    func runAlone(_ sql: SQL, _ options: TransactionOptions) -> Result<ResultSet, TransactionFailure> {
        transaction = TransactionState(phase: .none, options: options)
        do throws(PostgresError) {
            guard let answer = try exchange([sql]).first else { throw PostgresError(.decoding, "no answer") }
            return .success(answer)
        } catch {
            let unknown = isLost && options.access == .readWrite && error.kind != .usage
            return .failure(TransactionFailure(error: unknown ? outcomeUnknown(error) : error, again: advice()))
        }
    }

    /// Sends statements with all that waits to go with them; answers what the server said to each.
    func exchange(_ sqls: [SQL]) throws(PostgresError) -> [ResultSet] {
        try beginExchange(statements: sqls.count)
        for sql in sqls { try enqueueOrDoom(sql, .wanted) }
        return try settle()
    }

    /// Starts an exchange with what has to travel first: `BEGIN`, its settings, statements put off until now.
    private func beginExchange(statements count: Int) throws(PostgresError) {
        guard !isLost else { throw transaction.failure ?? PostgresError(.connection, "the connection was lost") }
        guard !(isInterruptible && interrupt.isFired) else {
            let error = PostgresError(.cancelled, "cancelled before the statement was sent")
            transaction.failure = error
            throw error
        }
        startDeadline(statements: count + transaction.later.count + 1)
        if statementsAreStale {
            statementsAreStale = false
            statements.removeAll()
            try enqueueUnprepared("DEALLOCATE ALL")
        }
        if transaction.phase == .requested { try enqueueBegin() }
        let later = transaction.later
        transaction.later = []
        for sql in later { try enqueueOrDoom(sql, .checked) }
    }

    private func enqueueBegin() throws(PostgresError) {
        transaction.phase = .open
        try enqueue(transaction.options.begin, .checked)
        for setting in transaction.options.settings {
            try enqueueOrDoom("SELECT set_config(\(setting.name), \(setting.value), true)", .checked)
        }
        guard let limit = transaction.options.statementTimeout else { return }
        try enqueue("SELECT set_config('statement_timeout', \("\(limit.milliseconds)"), true)", .checked)
    }

    /// Queues a statement; when it cannot be sent, what was queued before it is settled and nothing may be committed.
    private func enqueueOrDoom(_ sql: SQL, _ purpose: Expected) throws(PostgresError) {
        do {
            try enqueue(sql, purpose)
        } catch {
            transaction.failure = error
            if !isLost { _ = try? settle() }
            throw error
        }
    }

    private func commit() throws(PostgresError) {
        guard transaction.phase == .open || !transaction.later.isEmpty else { return }
        if transaction.phase == .open {
            let status = unsafe PQtransactionStatus(raw)
            // A body that swallowed a failure must not be told that its work was stored.
            if let failure = transaction.failure { throw failure }
            guard status == PQTRANS_INTRANS else {
                throw PostgresError(.usage, "the body ended the transaction itself")
            }
        }
        // Even a serializable transaction that only read may be refused at its end: what it read then never was.
        let waits =
            transaction.options.access == .readWrite || transaction.options.isolation == .serializable
            || !transaction.later.isEmpty
        try beginExchange(statements: 1)
        isInterruptible = false
        defer { isInterruptible = true }
        guard waits else { return try commitWithoutWaiting() }
        try confirmCommit()
    }

    /// What was read is not undone by a failing end, so nobody waits for its answer.
    private func commitWithoutWaiting() throws(PostgresError) {
        try enqueue("COMMIT", .unheeded)
        try send()
    }

    private func confirmCommit() throws(PostgresError) {
        do throws(PostgresError) {
            try enqueue("COMMIT", .wanted)
            let answer = try settle().last
            guard answer?.commandTag == "COMMIT" else {
                throw transaction.failure ?? PostgresError(.usage, "the transaction had failed and was rolled back")
            }
        } catch {
            throw isLost ? outcomeUnknown(error) : error
        }
    }

    private func outcomeUnknown(_ cause: PostgresError) -> PostgresError {
        var error = PostgresError(.commitUnknown, "the connection was lost during the commit: \(cause.message)")
        error.sqlState = cause.sqlState
        return error
    }

    private func rollBack() {
        defer { transaction.phase = .none }
        transaction.later = []
        guard transaction.phase == .open, isReusable, unsafe PQtransactionStatus(raw) != PQTRANS_IDLE else { return }
        isInterruptible = false
        defer { isInterruptible = true }
        startDeadline(statements: 1)
        do throws(PostgresError) {
            // Not prepared: making room for it among the prepared ones would fail in a transaction that has failed.
            try enqueueUnprepared("ROLLBACK")
            _ = try settle()
            guard unsafe PQtransactionStatus(raw) == PQTRANS_IDLE else {
                throw PostgresError(.connection, "the server is still in it")
            }
        } catch {
            _ = lose(.connection, "the transaction could not be rolled back: \(error.message)")
        }
    }

    private func advice() -> TransactionFailure.Again {
        guard let failure = transaction.failure, !isLost, let state = failure.sqlState else { return .no }
        if failure.isStaleStatement { return .atOnce }
        return state.isTransactionConflict ? .afterBackOff : .no
    }
}
