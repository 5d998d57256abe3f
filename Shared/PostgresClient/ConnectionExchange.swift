import CPostgres

extension Connection {
    /// Queues a statement, prepared once per connection; nothing is read yet.
    func enqueue(_ sql: SQL, _ purpose: Expected) throws(PostgresError) {
        try frame.fill(sql.values)
        let name = try preparedName(of: sql)
        let sent = unsafe PQsendQueryPrepared(
            raw, name, frame.count, frame.pointers, frame.lengths, frame.formats, 1)
        guard sent == 1 else { throw lose() }
        noteStatement()
        expected.append(purpose)
    }

    private func preparedName(of sql: SQL) throws(PostgresError) -> String {
        if let name = statements.name(of: sql.text, sql.values) { return name }
        let (name, evicted) = statements.insert(sql.text, sql.values)
        if let evicted { try enqueueUnprepared("DEALLOCATE \(evicted)") }
        guard unsafe PQsendPrepare(raw, name, sql.text, frame.count, frame.types) == 1 else { throw lose() }
        expected.append(.prepared(sql.text, sql.values))
        return name
    }

    /// Queues a statement that is not worth preparing and whose outcome does not matter.
    func enqueueUnprepared(_ text: String) throws(PostgresError) {
        guard unsafe PQsendQueryParams(raw, text, 0, nil, nil, nil, nil, 1) == 1 else { throw lose() }
        expected.append(.unheeded)
    }

    /// Ends what is queued with a synchronisation point and hands all of it to the system.
    func send() throws(PostgresError) {
        guard unsafe PQpipelineSync(raw) == 1 else { throw lose() }
        expected.append(.synchronised)
        try flush()
    }

    func flush() throws(PostgresError) {
        while true {
            switch unsafe PQflush(raw) {
            case 0: return
            case 1:
                try wait(toWrite: true)
                // Reading while writing keeps two full buffers from waiting for each other.
                guard unsafe PQconsumeInput(raw) == 1 else { throw lose() }
            default: throw lose()
            }
        }
    }

    /// Sends what is queued and reads everything up to the last synchronisation point.
    ///
    /// The first failure is thrown once all answers are read, so the connection stays in step with the server.
    func settle() throws(PostgresError) -> [ResultSet] {
        try send()
        noteRoundTrip()
        answers.removeAll(keepingCapacity: true)
        var failure: PostgresError?
        var next = 0
        var ends = 0
        while next < expected.count {
            guard let result = try nextResult() else {
                ends += 1
                guard ends < 4 else { throw lose(.connection, "the answers do not fit the statements") }
                continue
            }
            ends = 0
            if let refused = take(result, as: expected[next]), failure == nil { failure = refused }
            next += 1
        }
        expected.removeAll(keepingCapacity: true)
        if let failure { throw failure }
        return answers
    }

    /// The next result, or nil at the end of one statement's results.
    func nextResult() throws(PostgresError) -> ResultSet? {
        while unsafe PQisBusy(raw) != 0 {
            try wait(toWrite: false)
            guard unsafe PQconsumeInput(raw) == 1 else { throw lose() }
        }
        guard let result = unsafe PQgetResult(raw) else {
            guard unsafe PQstatus(raw) == CONNECTION_OK else { throw lose() }
            return nil
        }
        return unsafe ResultSet(owning: result)
    }

    /// Files one result under what it is for; answers the failure that matters to the caller, if it is one.
    private func take(_ result: ResultSet, as purpose: Expected) -> PostgresError? {
        let status = unsafe PQresultStatus(result.raw)
        let succeeded =
            status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC
            || status == PGRES_EMPTY_QUERY
        guard !succeeded else {
            if case .wanted = purpose { answers.append(result) }
            return nil
        }
        if case .prepared(let text, let values) = purpose { statements.remove(text, values) }
        // What follows a failure in a pipeline is skipped by the server; the failure itself was taken before.
        guard status != PGRES_PIPELINE_ABORTED else { return nil }
        let failure = error(of: result)
        note(failure)
        if case .unheeded = purpose { return nil }
        return failure
    }

    private func note(_ failure: PostgresError) {
        if failure.isStaleStatement { statementsAreStale = true }
        if transaction.failure == nil || failure.kind == .connection { transaction.failure = failure }
    }

    /// The server's refusal as a value, without the detail that quotes rows.
    func error(of result: ResultSet) -> PostgresError {
        func field(_ code: Int32) -> String? {
            unsafe PQresultErrorField(result.raw, code).map { unsafe String(cString: $0) }
        }
        guard let code = field(QPG_DIAG_SQLSTATE) else { return lose() }
        let state = SQLState(rawValue: code)
        var message = field(QPG_DIAG_MESSAGE_PRIMARY) ?? "no message"
        if state.quotesValues { message = Self.withoutQuotes(message) }
        var error = PostgresError(kind(of: state), message)
        error.sqlState = state
        error.constraint = field(QPG_DIAG_CONSTRAINT_NAME)
        error.table = field(QPG_DIAG_TABLE_NAME)
        error.column = field(QPG_DIAG_COLUMN_NAME)
        error.routine = field(QPG_DIAG_SOURCE_FUNCTION)
        return error
    }

    private func kind(of state: SQLState) -> PostgresError.Kind {
        if state.isConnectionLoss { return .connection }
        guard state == .queryCanceled else { return .server(state) }
        return isCancelRequested ? .cancelled : .timeout
    }

    /// `invalid input syntax for type integer: "…"`: the value between the quotes is nobody's business.
    static func withoutQuotes(_ message: String) -> String {
        guard let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\""), first < last else {
            return message
        }
        return "\(message[...first])…\(message[last...])"
    }
}

extension PostgresError {
    /// The prepared statement no longer fits the schema, or is gone; prepared again it works.
    var isStaleStatement: Bool {
        sqlState == .invalidStatementName || (sqlState == .featureNotSupported && routine == "RevalidateCachedQuery")
    }
}
