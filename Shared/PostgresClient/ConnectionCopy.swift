import CPostgres

extension Connection {
    /// Streams elements to the server in blocks; libpq allows it outside its pipeline mode only.
    func copyIn<Element>(
        _ target: SQL, of elements: some Sequence<Element>, _ write: (Element, inout CopyLine) -> Void
    ) throws(PostgresError) -> Int {
        guard target.values.isEmpty else { throw PostgresError(.usage, "COPY takes no values") }
        // Opens the transaction if this is its first statement.
        _ = try exchange([])
        guard unsafe PQexitPipelineMode(raw) == 1 else { throw lose() }
        let outcome = stream(target, elements, write)
        guard !isLost else { return try outcome.get() }
        guard unsafe PQenterPipelineMode(raw) == 1 else { throw lose() }
        return try outcome.get()
    }

    private func stream<Element>(
        _ target: SQL, _ elements: some Sequence<Element>, _ write: (Element, inout CopyLine) -> Void
    ) -> Result<Int, PostgresError> {
        Result { () throws(PostgresError) in
            try startCopy(target)
            let refusal = try sendLines(elements, write)
            startDeadline(statements: 1)
            try putEnd(refusal: refusal)
            guard let refusal else { return try finishCopy() }
            // The server's answer is that we gave up; the reason is ours.
            _ = try? finishCopy()
            throw isLost ? lose() : refused(refusal)
        }
    }

    private func refused(_ reason: String) -> PostgresError {
        let error = PostgresError(.usage, reason)
        transaction.failure = error
        return error
    }

    private func startCopy(_ target: SQL) throws(PostgresError) {
        startDeadline(statements: 1)
        guard unsafe PQsendQuery(raw, target.text) == 1 else { throw lose() }
        try flush()
        guard let result = try nextResult() else { throw lose(.connection, "the server did not answer COPY") }
        guard unsafe PQresultStatus(result.raw) != PGRES_COPY_IN else { return }
        let status = unsafe PQresultStatus(result.raw)
        let failure =
            status == PGRES_FATAL_ERROR
            ? error(of: result) : PostgresError(.usage, "the statement is not COPY … FROM STDIN")
        guard status != PGRES_COPY_OUT else { throw lose(.usage, failure.message) }
        try drain()
        throw doomed(failure)
    }

    /// Sends all lines; answers why the load must be refused, if it must.
    private func sendLines<Element>(
        _ elements: some Sequence<Element>, _ write: (Element, inout CopyLine) -> Void
    ) throws(PostgresError) -> String? {
        let blockSize = 64 * 1_024
        let buffer = ByteBuffer(capacity: 2 * blockSize)
        var line = CopyLine(buffer: buffer)
        for element in elements {
            write(element, &line)
            line.end()
            guard !line.hasZeroByte else { return "a text contains a zero byte, which PostgreSQL cannot store" }
            guard buffer.count >= blockSize else { continue }
            // Each block gets the time of a statement: a load may be long, silence may not.
            startDeadline(statements: 1)
            try put(buffer)
        }
        try put(buffer)
        return nil
    }

    private func put(_ buffer: ByteBuffer) throws(PostgresError) {
        while true {
            switch unsafe PQputCopyData(raw, buffer.pointer(at: 0), Int32(buffer.count)) {
            case 1:
                buffer.removeAll()
                return try flush()
            case 0: try wait(toWrite: true)
            default: throw lose()
            }
        }
    }

    private func putEnd(refusal: String?) throws(PostgresError) {
        while true {
            switch unsafe PQputCopyEnd(raw, refusal) {
            case 1: return try flush()
            case 0: try wait(toWrite: true)
            default: throw lose()
            }
        }
    }

    private func finishCopy() throws(PostgresError) -> Int {
        guard let result = try nextResult() else { throw lose(.connection, "the server did not finish COPY") }
        let failure = unsafe PQresultStatus(result.raw) == PGRES_COMMAND_OK ? nil : error(of: result)
        let rows = result.affected
        try drain()
        if let failure { throw doomed(failure) }
        return rows
    }

    private func drain() throws(PostgresError) {
        while try nextResult() != nil {}
    }

    private func doomed(_ failure: PostgresError) -> PostgresError {
        if transaction.failure == nil { transaction.failure = failure }
        return failure
    }
}
